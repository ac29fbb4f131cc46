"""The output of a container, which arrives through an attached socket of the daemon."""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import AsyncIterator, Iterable

from labcloud.containers.lines import Lines, chunks

# A frame: which stream, and how many bytes follow ("Attach to a container" of the Engine's API).
_HEADER = struct.Struct(">BxxxL")
# Characters that may wait to be read. The daemon waits for two seconds only when a container has
# ended, so what it prints is taken at once; a job that prints without end has to wait.
_MOST = 32 * 1024**2


class Printed:
    """Takes lines from the socket as they arrive, and keeps them until they are read."""

    def __init__(self, descriptor: int) -> None:
        self._lines: deque[str] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self._closed = False
        self._limited = True
        self._taking = asyncio.create_task(self._take(descriptor))

    async def lines(self) -> AsyncIterator[str]:
        """Line by line, until `close`."""
        while True:
            while self._lines:
                line = self._lines.popleft()
                full, self._size = self._size > _MOST, self._size - len(line)
                if full and self._size <= _MOST:
                    self._changed.set()
                yield line
            if self._closed:
                return
            await self._next_change()

    async def ended(self, seconds: float) -> None:
        """Returns when the last output is here. A container that still prints is cut off."""
        self._limited = False
        self._changed.set()
        await asyncio.wait([self._taking], timeout=seconds)
        self._taking.cancel()
        await asyncio.gather(self._taking, return_exceptions=True)

    def close(self, *more: str) -> None:
        """Adds labcloud's own last lines. There are no more after them."""
        self._add(more)
        self._closed = True
        self._changed.set()

    async def _take(self, descriptor: int) -> None:
        # stdout and stderr, each with lines of its own.
        streams = {1: Lines(), 2: Lines()}
        frames = _Frames()
        async for chunk in chunks(descriptor):
            for number, content in frames.feed(chunk):
                self._add(streams[number].feed(content))
            while self._limited and self._size > _MOST:
                await self._next_change()
        for stream in streams.values():
            self._add(stream.end())

    def _add(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._lines.append(line)
            self._size += len(line)
        self._changed.set()

    async def _next_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


class _Frames:
    """Parses the daemon's frames from pieces of any size."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[tuple[int, bytes]]:
        """(stream, content) of all frames that are complete."""
        self._rest += chunk
        found, at = [], 0
        while len(self._rest) - at >= _HEADER.size:
            stream, length = _HEADER.unpack_from(self._rest, at)
            end = at + _HEADER.size + length
            if len(self._rest) < end:
                break
            found.append((stream, bytes(self._rest[at + _HEADER.size : end])))
            at = end
        del self._rest[:at]
        return found
