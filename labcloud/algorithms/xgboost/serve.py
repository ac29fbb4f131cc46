"""Serving as AWS's container does it: /ping, /execution-parameters and /invocations over HTTP.

Decides statuses and content types; rows, predictions and their encodings have their own modules.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from labcloud.algorithms.xgboost import answers, payload, selection
from labcloud.algorithms.xgboost.logs import logger, on_stdout
from labcloud.algorithms.xgboost.model import CannotPredict, Model

_HTML = "text/html; charset=utf-8"
# The largest body that is answered on the event loop (bytes): about a millisecond's work.
_INLINE = 32 * 1024
# AWS's, unless the variable MAX_CONTENT_LENGTH says otherwise (bytes).
_MAX_BODY = 6 * 1024**2
_LARGEST_BODY = 20 * 1024**2
# Open requests get this long after SIGTERM; SIGKILL comes after 30 s.
_GRACE = 25


class Service:
    """A model and the environment it is served in. `unloadable` says why there is no model."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self.model: Model | None = None
        self.unloadable = ""
        self.max_body = min(int(environ.get("MAX_CONTENT_LENGTH") or _MAX_BODY), _LARGEST_BODY)
        self._batch = bool(environ.get("SAGEMAKER_BATCH"))
        self._selected = environ.get("SAGEMAKER_INFERENCE_OUTPUT")
        self._default_accept = environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", answers.CSV)
        ensemble = environ.get("SAGEMAKER_INFERENCE_ENSEMBLE", "true") == "true"
        try:
            self.model = Model.load(root / "model", ensemble)
        except Exception as error:
            self.unloadable = f"Unable to load model: {error}"
            logger.error(self.unloadable)

    def answer(
        self, body: bytes, content_type: str | None, accept: str | None
    ) -> tuple[int, str, bytes]:
        """Status, content type and body of the answer to an invocation."""
        if not body:
            return 204, _HTML, b""
        try:
            rows, format_ = payload.parse(body, content_type)
        except payload.Refused as error:
            return _refusal(415, str(error))
        if self.model is None:
            return _refusal(500, self.unloadable)
        try:
            predictions = self.model.predict(rows, format_)
        except CannotPredict as error:
            return _refusal(400, f"Unable to evaluate payload provided: {error}")
        try:
            accepted = answers.negotiate(accept, self._default_accept)
        except answers.NotAcceptable as error:
            return _refusal(406, str(error))
        try:
            if self._selected is not None:
                keys = selection.keys(self._selected)
                model = self.model
                chosen = selection.select(predictions, keys, model.objective, model.num_class)
                encoded = answers.encode_selected(chosen, keys, accepted, self._batch)
            elif self._batch:
                encoded = answers.encode_batch(predictions)
            else:
                encoded = answers.encode(predictions, accepted)
        except (answers.CannotEncode, ValueError) as error:
            return _refusal(500, str(error))
        text = accepted.startswith("text/")
        return 200, f"{accepted}; charset=utf-8" if text else accepted, encoded


def _refusal(status: int, message: str) -> tuple[int, str, bytes]:
    logger.error("%s: %s", status, message)
    return status, _HTML, message.encode()


class Invocations:
    """POST /invocations, as bare ASGI: it is asked thousands of times a second."""

    def __init__(self, service: Service) -> None:
        self._service = service
        # One large body at a time: the others of this process wait, /ping does not.
        self._large = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        content_type = headers.get(b"content-type")
        accept = headers.get(b"accept")
        message = await receive()
        body = message.get("body", b"")
        if message.get("more_body"):
            parts = [body]
            size = len(body)
            while message.get("more_body") and size <= self._service.max_body:
                message = await receive()
                parts.append(message.get("body", b""))
                size += len(parts[-1])
            body = b"".join(parts)
        if message["type"] == "http.disconnect":
            return
        request = (
            body,
            None if content_type is None else content_type.decode("latin-1"),
            None if accept is None else accept.decode("latin-1"),
        )
        if len(body) > self._service.max_body:
            status, type_, answer = _refusal(
                413,
                f"The body has more than {self._service.max_body} bytes. Send fewer rows, or set "
                "MAX_CONTENT_LENGTH in the model's environment.",
            )
        elif len(body) <= _INLINE:
            status, type_, answer = self._service.answer(*request)
        else:
            async with self._large:
                status, type_, answer = await asyncio.to_thread(self._service.answer, *request)
        sent = [(b"content-type", type_.encode("latin-1"))]
        if status != 204:
            sent.append((b"content-length", b"%d" % len(answer)))
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": answer})


def create_app(root: Path, environ: Mapping[str, str]) -> Starlette:
    """The server of the model in `root`/model, loaded here, once.

    A model that cannot be loaded leaves a server whose /ping answers 500.
    """
    service = Service(root, environ)
    limits = {
        "MaxConcurrentTransforms": os.cpu_count() or 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": service.max_body // 1024**2,
    }

    async def ping(_: Request) -> Response:
        if service.model is None:
            return Response(service.unloadable, 500, media_type="text/html")
        return Response(media_type="text/html")

    async def execution_parameters(_: Request) -> Response:
        return Response(json.dumps(limits), media_type="application/json")

    return Starlette(
        routes=[
            Route("/invocations", Invocations(service), methods=["POST"]),
            Route("/ping", ping),
            Route("/execution-parameters", execution_parameters),
        ]
    )


def main(root: Path, sock: socket.socket, environ: Mapping[str, str] | None = None) -> int:
    """Serves on a listening socket until SIGTERM; returns 0."""
    with on_stdout():
        app = create_app(root, os.environ if environ is None else environ)
        config = uvicorn.Config(
            app,
            http="httptools",
            loop="auto",
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
        # uvicorn raises the signal once more when it is done, for whoever was there before it.
        before = signal.signal(signal.SIGTERM, lambda *_: None)
        try:
            uvicorn.Server(config).run(sockets=[sock])
        finally:
            signal.signal(signal.SIGTERM, before)
    return 0
