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

# A body up to this size stays in memory (bytes): what an endpoint is sent does, and a part of an
# upload, of which an SDK sends ten at a time, does not.
IN_MEMORY = 6 * 1024**2
# S3's limit of one upload (bytes).
_LARGEST = 5 * 1024**3
# What is left of a refused body is read if the whole has up to this size (bytes).
_DRAINED = 16 * 1024**2
# The largest body that has to be read before its signature can be verified, and all of these
# together (bytes). The largest of AWS's that labcloud knows is a part of an image's layer: 20 MB,
# a third more in base64.
_LARGEST_UNVERIFIED = 64 * 1024**2
_ALL_UNVERIFIED = 512 * 1024**2
_READ = 1024**2
_ENDS = 64 * 1024


class Unverified:
    """How much is kept, in all requests together, that nobody is known to have signed."""

    def __init__(self, most: int = _ALL_UNVERIFIED) -> None:
        """`most` is how much there is room for (bytes)."""
        self._most = most
        self._size = 0

    def take(self, size: int) -> None:
        """Raises Refused where there is no room."""
        if self._size + size > self._most:
            raise Refused("ThrottlingException", "Please reduce your request rate.", 503)
        self._size += size

    def give_back(self, size: int) -> None:
        self._size -= size


class Body:
    """The whole body of one request: in memory, or in a temporary file where it is large."""

    def __init__(self, unverified: Unverified, patience: float = 60.0) -> None:
        """`patience` is how long the next part of it may take (seconds)."""
        self._unverified = unverified
        # What it has taken of that; None once the request is verified.
        self._taken: int | None = 0
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
            self._more = message.get("more_body", False)
            self._check(len(chunk))
            self.size += len(chunk)
            self._add(chunk)

    def trust(self) -> None:
        """Its sender has a key: only S3's own limit is left."""
        if self._taken is not None:
            self._unverified.give_back(self._taken)
            self._taken = None

    def _check(self, more: int) -> None:
        """Raises Refused where a body has grown too large."""
        trusted = self._taken is None
        if self.size + more > (_LARGEST if trusted else _LARGEST_UNVERIFIED):
            raise Refused("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        if self._taken is not None:
            self._unverified.take(more)
            self._taken += more

    async def drain(self, receive: Receive, stated: int | None) -> None:
        """Reads what is left of a small body, so that the connection can be used again.

        `stated` is the size that the request says (bytes). A large body is left where it is. What
        is read is not kept: nobody may have signed it.
        """
        if stated is None or stated > _DRAINED:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                while self._more:
                    message = await receive()
                    self._more = message.get("more_body", False)

    def _add(self, chunk: bytes) -> None:
        # Part by part: the whole of a large one would keep the others waiting.
        self._hash.update(chunk)
        if self._file is None and self.size <= IN_MEMORY:
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
        self.trust()
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
