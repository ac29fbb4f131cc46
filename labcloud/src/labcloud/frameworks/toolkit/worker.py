"""The web application of a framework image: Flask, as in AWS's. A script may return its answers."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

import flask
from flask.typing import ResponseReturnValue

from labcloud.frameworks.toolkit.encoders import ANY, JSON, UTF8_TYPES

# What Flask of that time says; AWS puts it into the message of a ModelError.
_FAILED = (
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n'
    "<title>500 Internal Server Error</title>\n"
    "<h1>Internal Server Error</h1>\n"
    "<p>The server encountered an internal error and was unable to complete your request. Either "
    "the server is overloaded or there is an error in the application.</p>\n"
)


class Response(flask.Response):
    """An answer; JSON unless a script says otherwise. `accept` has no effect."""

    default_mimetype = JSON

    def __init__(
        self,
        response: Any = None,
        accept: str | None = None,
        status: int = 200,
        headers: Any = None,
        mimetype: str | None = None,
        direct_passthrough: bool = False,
    ) -> None:
        super().__init__(response, status, headers, mimetype, None, direct_passthrough)


class Request(flask.Request):
    """A request, with what AWS's containers assume where a header is not there."""

    @property
    def content_type(self) -> str:  # type: ignore[override]
        """JSON if the client has said nothing."""
        headers = self.headers
        return headers.get("ContentType") or headers.get("Content-Type") or JSON

    @property
    def accept(self) -> str:
        """SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT, or JSON, if the client takes anything."""
        accept = self.headers.get("Accept")
        if accept and accept != ANY:
            return accept
        return os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", JSON)

    @property
    def content(self) -> str | bytes:
        """Text for JSON and CSV, bytes for everything else."""
        if self.content_type in UTF8_TYPES:
            return self.get_data(as_text=True)
        return self.get_data()


class Worker(flask.Flask):
    """/ping, /invocations, and /execution-parameters if the script has some."""

    request_class = Request

    def __init__(
        self,
        transform: Callable[[], ResponseReturnValue],
        name: str,
        execution_parameters: Callable[[], ResponseReturnValue] | None = None,
    ) -> None:
        super().__init__(name)
        self.add_url_rule("/invocations", "invocations", transform, methods=["POST"])
        self.add_url_rule("/ping", "ping", lambda: Response(status=200))
        if execution_parameters:
            self.add_url_rule("/execution-parameters", "execution-parameters", execution_parameters)
        self.register_error_handler(500, lambda _: (_FAILED, 500, {"Content-Type": "text/html"}))
        self.logger.setLevel(logging.INFO)
