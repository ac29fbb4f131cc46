"""Sends requests to a model server on this machine, as SageMaker does: /ping and /invocations."""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from labhelpers.errors import JobFailed

# How long the server may take to answer its first ping (seconds). SageMaker waits 4 minutes.
_START_TIMEOUT = 60.0
# How long SageMaker waits for the answer to a ping (seconds).
_PING_SECONDS = 2.0
_PAUSE = 0.05
# How long a request may take (seconds), as on SageMaker.
_TIMEOUT = 60.0
# How long SageMaker waits for the answer to a ping (seconds).
_PING_SECONDS = 2.0
# What nginx answers while the server behind it starts.
_NOT_UP = (502, 503)
_LAST_LINES = 20


class Answer(NamedTuple):
    """An HTTP status, and the body as text."""

    status: int
    text: str


class LocalServer:
    """A server at `host:port`, or at the path of a Unix socket.

    `translate` is applied to everything that the server says.
    """

    def __init__(self, address: str, translate: Callable[[str], str] = str) -> None:
        self._address = address
        self._translate = translate

    def ping(self, seconds: float = _TIMEOUT) -> Answer:
        """Asks whether the server is healthy. Raises TimeoutError if no answer comes in time."""
        return self._request("GET", "/ping", seconds=seconds)

    def invoke(self, body: str, content_type: str, accept: str = "") -> Answer:
        """Asks for predictions."""
        headers = {"Content-Type": content_type} | ({"Accept": accept} if accept else {})
        return self._request("POST", "/invocations", body.encode(), headers)

    @contextlib.contextmanager
    def slow_clients(self, count: int) -> Iterator[None]:
        """While the block runs, some clients have sent half a request each, and then nothing.

        The block begins when the server works on each of them, or takes no more.
        """
        with contextlib.ExitStack() as open_ones:
            for _ in range(count):
                connection = _Connection(self._address, _PING_SECONDS)
                open_ones.callback(connection.close)
                connection.putrequest("POST", "/invocations")
                connection.putheader("Content-Type", "text/csv")
                # The server waits for a body of this length.
                connection.putheader("Content-Length", "1000")
                # It says when it begins to.
                connection.putheader("Expect", "100-continue")
                connection.endheaders()
                with contextlib.suppress(TimeoutError):
                    connection.sock.recv(64)
                connection.send(b"5.1,")
            yield

    def wait(self, runs: Callable[[], bool], log: Callable[[], str]) -> None:
        """Waits for the first answer. Raises JobFailed, with the last lines of the log."""
        deadline = time.monotonic() + _START_TIMEOUT
        while True:
            running = runs()
            try:
                if running and self.ping().status not in _NOT_UP:
                    return
            except (OSError, http.client.HTTPException):
                pass
            if not running or time.monotonic() > deadline:
                what = "does not answer" if running else "has ended before it answered"
                last = "\n".join(self._translate(log()).splitlines()[-_LAST_LINES:])
                raise JobFailed(f"serve {what}. The last of its log:\n{last}")
            time.sleep(_PAUSE)

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        seconds: float = _TIMEOUT,
    ) -> Answer:
        connection = _Connection(self._address, seconds)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            return Answer(response.status, self._translate(text))
        finally:
            connection.close()


class _Connection(http.client.HTTPConnection):
    """HTTP over TCP, or over a Unix socket."""

    def __init__(self, address: str, seconds: float) -> None:
        self._path = address if address.startswith("/") else ""
        super().__init__("localhost" if self._path else address, timeout=seconds)

    def connect(self) -> None:
        if not self._path:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
