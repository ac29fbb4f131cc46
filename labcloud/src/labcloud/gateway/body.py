"""A request's body: read once by the gateway, and given again to the application behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO

from starlette.types import Message, Receive

from labcloud.gateway.refusals import Refused

# A body up to this size stays in memory (bytes); the largest is S3's limit of one upload.
_IN_MEMORY = 16 * 1024**2
_LARGEST = 5 * 1024**3
_READ = 1024**2
_ENDS = 64 * 1024


class Body:
    """The whole body of one request: in memory, or in a temporary file where it is large."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._file: IO[bytes] | None = None
        self.size = 0

    async def read(self, receive: Receive) -> None:
        """Reads all of it. Raises Refused, and OSError where the file cannot be written."""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refused("RequestTimeout", "The connection was closed.")
            chunk = message.get("body", b"")
            self.size += len(chunk)
            if self.size > _LARGEST:
                raise Refused(
                    "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"
                )
            self._add(chunk)
            more = message.get("more_body", False)

    def _add(self, chunk: bytes) -> None:
        if self._file is None and self.size <= _IN_MEMORY:
            self._chunks.append(chunk)
            return
        if self._file is None:
            self._file = TemporaryFile()  # noqa: SIM115  closed by close()
            self._file.write(b"".join(self._chunks))
            self._chunks = []
        self._file.write(chunk)

    def digest(self) -> str:
        """Its SHA-256 (hex)."""
        state = hashlib.sha256()
        for chunk in self.chunks():
            state.update(chunk)
        return state.hexdigest()

    def ends(self) -> tuple[bytes, bytes]:
        """The first and the last bytes, up to 64 kB."""
        if self._file is None:
            whole = b"".join(self._chunks)
            return whole[:_ENDS], whole[-_ENDS:]
        self._file.seek(0)
        start = self._file.read(_ENDS)
        self._file.seek(max(0, self.size - _ENDS))
        return start, self._file.read(_ENDS)

    def chunks(self) -> Iterator[bytes]:
        """The body from its beginning."""
        if self._file is None:
            self._chunks = [b"".join(self._chunks)]
            yield self._chunks[0]
            return
        self._file.seek(0)
        while chunk := self._file.read(_READ):
            yield chunk

    def close(self) -> None:
        if self._file:
            self._file.close()


def given_again(chunks: Iterable[bytes], then: Receive) -> Receive:
    """An ASGI `receive` that gives these chunks as the body, and then what the connection says."""
    rest = iter(chunks)
    ahead: bytes | None = next(rest, b"")

    async def receive() -> Message:
        nonlocal ahead
        if ahead is None:
            return await then()
        chunk, ahead = ahead, next(rest, None)
        return {"type": "http.request", "body": chunk, "more_body": ahead is not None}

    return receive
