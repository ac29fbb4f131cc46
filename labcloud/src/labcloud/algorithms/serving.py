"""The HTTP server of the built-in algorithms: /ping, /execution-parameters and /invocations.

Reads requests and sends answers; which answer a request gets is each algorithm's own `Service`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

# The largest body that is answered on the event loop (bytes): about a millisecond's work.
_INLINE = 32 * 1024
# Open requests get this long after SIGTERM; SIGKILL comes after 30 s.
_GRACE = 25

# Status, content type and body.
Answer = tuple[int, str, bytes]


class Service(Protocol):
    """The model that answers. `unloadable` says why it could not be loaded, or is empty."""

    unloadable: str
    max_body: int

    def answer(self, body: bytes, content_type: str | None, accept: str | None) -> Answer:
        """The answer to an invocation."""
        ...

    def refuse(self, status: int, message: str) -> Answer:
        """The answer that says no; the message is in the log too."""
        ...

    @property
    def too_large(self) -> str:
        """What a body of more than `max_body` bytes is told."""
        ...


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
            status, type_, answer = self._service.refuse(413, self._service.too_large)
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


def app_of(service: Service) -> Starlette:
    """The application; a service without a model has a /ping that answers 500."""
    limits = {
        "MaxConcurrentTransforms": os.cpu_count() or 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": service.max_body // 1024**2,
    }

    async def ping(_: Request) -> Response:
        if service.unloadable:
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


def run(app: Starlette, sock: socket.socket) -> int:
    """Serves on a listening socket until SIGTERM; returns 0."""
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
    # uvicorn raises the signal again when it has stopped, for the handler before its own.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        uvicorn.Server(config).run(sockets=[sock])
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0
