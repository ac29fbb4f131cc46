"""A request's body: read once by the gateway, and given again to the application behind it."""

from __future__ import annotations

import asyncio
import contextlib
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

    def __init__(self, patience: float = 60.0) -> None:
        """`patience` is how long the next part of it may take (seconds)."""
        self._patience = patience
        self._more = True
        self._hash = hashlib.sha256()
        self._chunks: list[bytes] = []
        self._file: IO[bytes] | None = None
        self.size = 0

    async def read(self, receive: Receive, enough: int = _LARGEST + 1) -> None:
        """Reads all that is left of it, or until it has `enough` bytes.

        Raises Refused, and OSError where the file cannot be written.
        """
        while self._more and self.size < enough:
            try:
                async with asyncio.timeout(self._patience):
                    message = await receive()
            except TimeoutError as error:
                self._more = False
                raise Refused(
                    "RequestTimeout",
                    "Your socket connection to the server was not read from or written to within "
                    "the timeout period. Idle connections will be closed.",
                ) from error
            if message["type"] == "http.disconnect":
                self._more = False
                raise Refused("RequestTimeout", "The connection was closed.")
            chunk = message.get("body", b"")
            self.size += len(chunk)
            self._more = message.get("more_body", False)
            if self.size > _LARGEST:
                raise Refused(
                    "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"
                )
            self._add(chunk)

    async def drain(self, receive: Receive, stated: int | None) -> None:
        """Reads what is left of a small body, so that the connection can be used again.

        `stated` is the size that the request says (bytes). A large body is left where it is.
        """
        if stated is None or stated > _IN_MEMORY:
            return
        with contextlib.suppress(Refused, OSError):
            await self.read(receive, enough=_IN_MEMORY)

    def _add(self, chunk: bytes) -> None:
        # Part by part: the whole of a large one would keep the others waiting.
        self._hash.update(chunk)
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
        return self._hash.hexdigest()

    def start(self) -> bytes:
        """The first bytes, up to 64 kB."""
        if self._file is None:
            return b"".join(self._chunks)[:_ENDS]
        self._file.seek(0)
        return self._file.read(_ENDS)

    def end(self) -> bytes:
        """The last bytes, up to 64 kB."""
        if self._file is None:
            return b"".join(self._chunks)[-_ENDS:]
        self._file.seek(max(0, self.size - _ENDS))
        return self._file.read(_ENDS)

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
