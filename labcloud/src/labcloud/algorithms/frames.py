"""RecordIO frames: records of any bytes, one after the other, as MXNet writes them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MAGIC = 0xCED7230A


def framed(record: bytes) -> bytes:
    """A record in its frame, which is as long as a multiple of 4 bytes."""
    return struct.pack("<II", _MAGIC, len(record)) + record + bytes(-len(record) % 4)


def frames(data: bytes) -> Iterator[bytes]:
    """The records. Raises ValueError for what is no frame, or ends in the middle of one."""
    at = 0
    while at + 8 <= len(data):
        magic, length = struct.unpack_from("<II", data, at)
        if magic != _MAGIC:
            raise ValueError(f"Invalid RecordIO magic at offset {at}")
        at += 8
        if at + length > len(data):
            raise ValueError(f"Truncated record at offset {at}")
        yield data[at : at + length]
        at += length + -length % 4
