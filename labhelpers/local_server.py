"""A model server on this machine, asked as SageMaker asks it: GET /ping, POST /invocations."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable
from typing import NamedTuple

from labhelpers.errors import JobFailed

# What it gets to answer its first ping (seconds). SageMaker gives it 4 minutes.
_PATIENCE = 60.0
_PAUSE = 0.05
# A request may take as long on SageMaker (seconds).
_TIMEOUT = 60.0
# nginx's, while what stands behind it is not up yet.
_NOT_UP = (502, 503)
_LAST_LINES = 20


class Answer(NamedTuple):
    """An HTTP status, and the body as text."""

    status: int
    text: str


class LocalServer:
    """A server at `host:port`, or at the path of a Unix socket; `inside` puts its words right."""

    def __init__(self, address: str, inside: Callable[[str], str] = str) -> None:
        self._address = address
        self._inside = inside

    def ping(self) -> Answer:
        """Asks whether the server is healthy."""
        return self._ask("GET", "/ping")

    def invoke(self, body: str, content_type: str, accept: str = "") -> Answer:
        """Asks for predictions."""
        headers = {"Content-Type": content_type} | ({"Accept": accept} if accept else {})
        return self._ask("POST", "/invocations", body.encode(), **headers)

    def wait(self, runs: Callable[[], bool], said: Callable[[], str]) -> None:
        """Waits for its first answer. Raises JobFailed, with the last of what it `said`."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            running = runs()
            try:
                if running and self.ping().status not in _NOT_UP:
                    return
            except (OSError, http.client.HTTPException):
                pass
            if not running or time.monotonic() > deadline:
                what = "does not answer" if running else "has ended before it answered"
                log = "\n".join(self._inside(said()).splitlines()[-_LAST_LINES:])
                raise JobFailed(f"serve {what}. The last of its log:\n{log}")
            time.sleep(_PAUSE)

    def _ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = _Connection(self._address)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            return Answer(response.status, self._inside(text))
        finally:
            connection.close()


class _Connection(http.client.HTTPConnection):
    """HTTP over TCP, or over a Unix socket."""

    def __init__(self, address: str) -> None:
        self._path = address if address.startswith("/") else ""
        super().__init__("localhost" if self._path else address, timeout=_TIMEOUT)

    def connect(self) -> None:
        if not self._path:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_TIMEOUT)
        self.sock.connect(self._path)
