"""Serving: what a request to /invocations is answered; HTTP itself is in `algorithms.serving`."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from starlette.applications import Starlette

from labcloud.algorithms import formats, serving
from labcloud.algorithms.linear_learner import answers
from labcloud.algorithms.linear_learner.logs import logger, on_stdout
from labcloud.algorithms.linear_learner.model import Model

_HTML = "text/html; charset=utf-8"
_MEBIBYTE = 1024**2
# AWS's default for a payload, and the most that a transform job may send (MiB).
_PAYLOAD, _LARGEST = "6", 100
_ACCEPTED = (formats.CSV, formats.JSON, formats.JSON_LINES, formats.RECORDIO)
# All that AWS's container tells the client; why is in its log.
_CANNOT = "unable to evaluate payload provided"


class Service:
    """A model and the environment it is served in. `unloadable` says why there is no model."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self.unloadable = ""
        # 0 is a transform job's word for no limit.
        payload = int(environ.get("SAGEMAKER_MAX_PAYLOAD_IN_MB") or _PAYLOAD) or _LARGEST
        self.max_body = payload * _MEBIBYTE
        self._model: Model | None = None
        try:
            self._model = Model.load(root / "model")
        except RuntimeError as error:
            self.unloadable = f"Unable to load model: {error}"
            logger.error(self.unloadable)

    def answer(self, body: bytes, content_type: str | None, accept: str | None) -> serving.Answer:
        """Status, content type and body of the answer to an invocation."""
        format_ = formats.name_of(content_type or formats.RECORDIO)
        if format_ not in _ACCEPTED:
            return self.refuse(
                415, f"Customer Error: Content-Type header value '{content_type}' not supported"
            )
        if self._model is None:
            return self.refuse(500, self.unloadable)
        try:
            rows = formats.request_rows(body, format_, self._model.width)
        except (ValueError, OverflowError, RecursionError) as error:
            return self._cannot(f"{error}")
        scores = self._model.scores(rows)
        accepted = answers.negotiate(accept)
        return 200, accepted, answers.encode(scores, self._model.labels(scores), accepted)

    def refuse(self, status: int, message: str) -> serving.Answer:
        logger.error("%s: %s", status, message)
        return status, _HTML, message.encode()

    def _cannot(self, why: str) -> serving.Answer:
        logger.error("Customer Error: %s", why)
        return 400, _HTML, _CANNOT.encode()

    @property
    def too_large(self) -> str:
        return f"The body has more than {self.max_body} bytes. Send fewer rows."


def create_app(root: Path, environ: Mapping[str, str]) -> Starlette:
    """The server of the model in `root`/model, loaded here, once.

    A model that cannot be loaded leaves a server whose /ping answers 500.
    """
    return serving.app_of(Service(root, environ))


def main(root: Path, sock: socket.socket, environ: Mapping[str, str] | None = None) -> int:
    """Serves on a listening socket until SIGTERM; returns 0."""
    with on_stdout():
        return serving.run(create_app(root, os.environ if environ is None else environ), sock)
