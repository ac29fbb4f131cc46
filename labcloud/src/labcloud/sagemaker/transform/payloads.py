"""An object cut into records, and records into the bodies of requests. Nothing is lost or moved.

All of it reads a stream from front to back, and holds no more than one payload of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_MB = 1024**2


class TooLarge(Exception):
    """A record that is larger than a payload may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"a record is larger than MaxPayloadInMB={limit / _MB:g} allows; a larger payload or "
            "SplitType Line may help"
        )


def whole(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    """The object as one payload. `limit` in bytes, as below. Raises TooLarge."""
    body = _read(stream, limit + 1)
    if len(body) > limit:
        raise TooLarge(limit)
    if body:
        yield body


def lines(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    """The lines of a stream, with their line ends; the last may lack one. Raises TooLarge."""
    while line := stream.readline(limit + 1):
        if len(line) > limit:
            raise TooLarge(limit)
        yield line


def blocks(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    """As many whole lines as a payload holds, without looking at each of them. Raises TooLarge."""
    rest = b""
    while True:
        # One byte more: whether the last line ends with the payload or goes on.
        block = rest + _read(stream, limit + 1 - len(rest))
        if len(block) <= limit:
            if block:
                yield block
            return
        cut = block.rfind(b"\n", 0, limit) + 1
        if not cut:
            raise TooLarge(limit)
        yield block[:cut]
        rest = block[cut:]


def packed(records: Iterator[bytes], limit: int) -> Iterator[list[bytes]]:
    """Records together that fit into a payload."""
    payload: list[bytes] = []
    size = 0
    for record in records:
        if payload and size + len(record) > limit:
            yield payload
            payload, size = [], 0
        payload.append(record)
        size += len(record)
    if payload:
        yield payload


def assembled(answer: bytes, by_line: bool) -> bytes:
    """An answer as it is written to the output, with a line end if it needs one."""
    return answer + b"\n" if by_line and not answer.endswith(b"\n") else answer


def _read(stream: BinaryIO, size: int) -> bytes:
    """Reads `size` bytes or up to the end: a decompressing stream may return fewer at a time."""
    pieces: list[bytes] = []
    while size and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
