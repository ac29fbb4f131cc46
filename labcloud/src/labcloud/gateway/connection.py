"""One connection: a request's head has a size and a time, before anything else looks at it.

Without a limit, one header that grows keeps everybody waiting, because its parts are joined again
and again; and a client that never ends its head keeps a descriptor.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# The longest request line with all headers (bytes). S3 takes less, other services about as much.
LONGEST_HEAD = 64 * 1024
_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
    "<Message>{message}</Message></Error>"
)


_TOO_LARGE = (
    "RequestHeaderSectionTooLarge",
    "Your request header and query string section exceeds the maximum allowed size",
)


class Connection(HttpToolsProtocol):
    """A connection to uvicorn. `patience` is how long a head may take (seconds)."""

    patience = 30.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._received = 0
        self._begun = False
        self._waiting: asyncio.TimerHandle | None = None
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        if self._waiting and self._received > LONGEST_HEAD:
            self._refuse(*_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # The bytes that came together with the first one are not counted here: some can be of the
        # request before. `_head` counts them when they are a whole head.
        self._received = self._head = 0
        self._begun = True
        self._wait()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._end_wait()
        if self._head + len(self.url) > LONGEST_HEAD:
            # It came at once. What follows is not read.
            self._refuse(*_TOO_LARGE)
            self.transport.pause_reading()
            return
        super().on_headers_complete()

    def _wait(self) -> None:
        self._end_wait()
        self._waiting = asyncio.get_running_loop().call_later(self.patience, self._too_slow)

    def _end_wait(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _too_slow(self) -> None:
        if not self._begun:
            # Nothing was asked: there is nothing to answer.
            self.transport.close()
            return
        self._refuse(
            "RequestTimeout",
            "Your socket connection to the server was not read from or written to within the "
            "timeout period.",
        )

    def _refuse(self, code: str, message: str) -> None:
        self._end_wait()
        if self.transport.is_closing():
            return
        body = _ERROR.format(code=code, message=message).encode()
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/xml\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n" % len(body) + body
        )
        self.transport.close()


def connections(patience: float) -> type[Any]:
    """The connections of one server."""
    return type("Connection", (Connection,), {"patience": patience})
