"""Serving as AWS's container does it: /ping, /execution-parameters and /invocations over HTTP.

Decides statuses and content types; rows, predictions and their encodings have their own modules.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from starlette.applications import Starlette

from labcloud.algorithms import serving
from labcloud.algorithms.xgboost import answers, payload, selection
from labcloud.algorithms.xgboost.logs import logger, on_stdout
from labcloud.algorithms.xgboost.model import CannotPredict, Model
from labcloud.algorithms.xgboost.versions import Version

_HTML = "text/html; charset=utf-8"
# AWS's, unless the variable MAX_CONTENT_LENGTH says otherwise (bytes).
_MAX_BODY = 6 * 1024**2


class Service:
    """A model and the environment it is served in. `unloadable` says why there is no model."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self.model: Model | None = None
        self.unloadable = ""
        self.max_body = int(environ.get("MAX_CONTENT_LENGTH") or _MAX_BODY)
        self._version = Version.of(environ)
        self._batch = bool(environ.get("SAGEMAKER_BATCH"))
        self._selected = environ.get("SAGEMAKER_INFERENCE_OUTPUT")
        self._default_accept = environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", answers.CSV)
        ensemble = environ.get("SAGEMAKER_INFERENCE_ENSEMBLE", "true") == "true"
        try:
            self.model = Model.load(root / "model", ensemble)
        except Exception as error:
            self.unloadable = f"Unable to load model: {error}"
            logger.error(self.unloadable)

    def answer(self, body: bytes, content_type: str | None, accept: str | None) -> serving.Answer:
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
            elif self._version.joins_with_commas and not self._batch:
                accepted = answers.CSV
                encoded = answers.encode_joined(predictions)
            elif self._batch:
                encoded = answers.encode_batch(predictions)
            else:
                encoded = answers.encode(predictions, accepted)
        except (answers.CannotEncode, ValueError) as error:
            return _refusal(500, str(error))
        text = accepted.startswith("text/")
        return 200, f"{accepted}; charset=utf-8" if text else accepted, encoded

    def refuse(self, status: int, message: str) -> serving.Answer:
        return _refusal(status, message)

    @property
    def too_large(self) -> str:
        return (
            f"The body has more than {self.max_body} bytes. Send fewer rows, or set "
            "MAX_CONTENT_LENGTH in the model's environment."
        )


def _refusal(status: int, message: str) -> serving.Answer:
    logger.error("%s: %s", status, message)
    return status, _HTML, message.encode()


def create_app(root: Path, environ: Mapping[str, str]) -> Starlette:
    """The server of the model in `root`/model, loaded here, once.

    A model that cannot be loaded leaves a server whose /ping answers 500.
    """
    return serving.app_of(Service(root, environ))


def main(root: Path, sock: socket.socket, environ: Mapping[str, str] | None = None) -> int:
    """Serves on a listening socket until SIGTERM; returns 0."""
    with on_stdout():
        return serving.run(create_app(root, os.environ if environ is None else environ), sock)
