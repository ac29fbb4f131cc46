"""What tarfile reads an untrusted archive from: uncompressed, and with bounded headers.

A header of a tar can be as long as it likes (names, attributes, the map of a sparse file), and
tarfile reads it whole. A few megabytes of gzip are enough for gigabytes of that.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

# What may be read from the end of one member's content to the beginning of the next (bytes).
MAX_HEADERS = 1024**2
_MAGIC: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}


class HeadersTooLarge(Exception):
    """A member whose headers are larger than any that a person has made."""


class TarStream:
    """A file for tarfile, which reads, seeks and tells only."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = MAX_HEADERS
        self._in_content = False

    @contextlib.contextmanager
    def content(self) -> Iterator[None]:
        """In the block, content is read, which is not bounded here; after it, a new header."""
        self._in_content = True
        try:
            yield
        finally:
            self._in_content = False
            self._left = MAX_HEADERS

    def read(self, size: int = -1) -> bytes:
        if not self._in_content:
            self._left -= size
            if size < 0 or self._left < 0:
                raise HeadersTooLarge(f"it has headers of more than {MAX_HEADERS} bytes")
        return self._stream.read(size)

    def seek(self, position: int, whence: int = 0) -> int:
        return self._stream.seek(position, whence)

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._stream.tell()


@contextlib.contextmanager
def opened(archive: Path) -> Iterator[TarStream]:
    """An archive, whatever it is compressed with."""
    with archive.open("rb") as file:
        start = file.read(6)
    opener = next((o for magic, o in _MAGIC.items() if start.startswith(magic)), open)
    with opener(archive, "rb") as stream:
        yield TarStream(stream)


def is_gzip(archive: Path) -> bool:
    with archive.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"
