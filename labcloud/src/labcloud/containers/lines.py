"""From the bytes that a container prints to its lines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

# A line longer than this arrives in pieces, as CloudWatch would cut it (bytes).
LONGEST = 256 * 1024
_READ = 64 * 1024
# What is printed within this time is read together (seconds): a training prints a line a round, and
# to wake up for each would take the cores longer than to read them.
_GATHER = 0.005


class Lines:
    """Cuts a stream of bytes into lines; it arrives in pieces of any size."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, content: bytes) -> list[str]:
        """The lines that end in this piece, and the beginning of a line that is too long."""
        *whole, self._rest = (self._rest + content).split(b"\n")
        lines = [_text(piece) for line in whole for piece in _cut(line)]
        while len(self._rest) > LONGEST:
            lines.append(_text(self._rest[:LONGEST]))
            self._rest = self._rest[LONGEST:]
        return lines

    def end(self) -> list[str]:
        """The bytes after the last line break."""
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []


def _cut(line: bytes) -> list[bytes]:
    if len(line) <= LONGEST:
        return [line]
    return [line[start : start + LONGEST] for start in range(0, len(line), LONGEST)]


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r")


async def chunks(descriptor: int) -> AsyncIterator[bytes]:
    """The lines from a pipe or socket, until its end; then it is closed.

    Not connect_read_pipe: under uvloop, the event loop and the file object both close the
    descriptor, and between the two another thread may have got its number for a file of its own.
    """
    loop = asyncio.get_running_loop()
    os.set_blocking(descriptor, False)
    readable = asyncio.Event()
    try:
        while True:
            loop.add_reader(descriptor, readable.set)
            await readable.wait()
            loop.remove_reader(descriptor)
            readable.clear()
            try:
                chunk = os.read(descriptor, _READ)
            except BlockingIOError:
                continue
            except ConnectionError:
                return
            if not chunk:
                return
            yield chunk
            if len(chunk) < _READ:
                await asyncio.sleep(_GATHER)
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
