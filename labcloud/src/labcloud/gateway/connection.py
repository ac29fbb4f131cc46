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
# The longest URL (bytes). Links with the token of a session have some 2 kB.
LONGEST_URL = 16 * 1024
_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
    "<Message>{message}</Message></Error>"
)


_TOO_LARGE = (
    "RequestHeaderSectionTooLarge",
    "Your request header and query string section exceeds the maximum allowed size",
)
_URL_TOO_LONG = (
    "URITooLong",
    "The request URI exceeds the maximum allowed size",
    "414 URI Too Long",
)


class Connection(HttpToolsProtocol):
    """A connection to uvicorn. `patience` is how long a head may take (seconds)."""

    patience = 30.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # The bytes that have come since the last part of a body: of a head, or between the parts
        # of a body in chunks, or behind them.
        self._received = 0
        # A request has begun, and has not come to its end.
        self._open = False
        self._waiting: asyncio.TimerHandle | None = None
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        if self._open and self._received > LONGEST_HEAD:
            self._refuse(*_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # The bytes that came together with the first one are not counted here: some can be of the
        # request before. `_head` counts them when they are a whole head.
        self._received = self._head = 0
        self._names: list[bytes] = []
        self.scope["extensions"] = {"names": {"sent": self._names}}
        self._open = self._in_head = True
        self._wait()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            # Behind a body in chunks. Who has looked at the head knows nothing of these.
            return
        self._head += len(name) + len(value)
        # uvicorn writes them small. A REST API's function sees them as they were sent.
        self._names.append(name)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._end_wait()
        self._received = 0
        self._in_head = False
        too_long = len(self.url) > LONGEST_URL
        if too_long or self._head + len(self.url) > LONGEST_HEAD:
            # It came at once. What follows is not read.
            self._refuse(*(_URL_TOO_LONG if too_long else _TOO_LARGE))
            self.transport.pause_reading()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._received = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._open = False
        self._end_wait()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        cycle: Any = self.cycle
        if self._open and cycle.response_complete and not self.transport.is_closing():
            # The rest of a body that was refused. uvicorn reads it, and waits for it for ever.
            self._wait()

    def _wait(self) -> None:
        self._end_wait()
        self._waiting = asyncio.get_running_loop().call_later(self.patience, self._too_slow)

    def _end_wait(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _too_slow(self) -> None:
        if not self._open or self._answered():
            # Nothing was asked, or it was answered.
            self.transport.close()
            return
        self._refuse(
            "RequestTimeout",
            "Your socket connection to the server was not read from or written to within the "
            "timeout period.",
        )

    def _answered(self) -> bool:
        """Whether an answer is on its way, or the last request has had its own."""
        cycle: Any = self.cycle
        if cycle is None or not cycle.response_started:
            return False
        return cycle.scope is self.scope or not cycle.response_complete

    def _refuse(self, code: str, message: str, status: str = "400 Bad Request") -> None:
        self._end_wait()
        if self.transport.is_closing():
            return
        if self._answered():
            self.transport.close()
            return
        body = _ERROR.format(code=code, message=message).encode()
        self.transport.write(
            b"HTTP/1.1 %b\r\ncontent-type: application/xml\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n" % (status.encode(), len(body)) + body
        )
        self.transport.close()


def connections(patience: float) -> type[Any]:
    """The connections of one server."""
    return type("Connection", (Connection,), {"patience": patience})
