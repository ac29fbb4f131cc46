"""What an object holds, on its way from one file to another without passing through the memory.

moto hands contents around as bytes. Where they are large, it is given one of these instead: they
have a length, and know how to write themselves to a file; a `Held` one can also be read in parts.
"""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

# Smaller contents are bytes (bytes).
LARGE = 1024**2
_CHUNK = 1024**2


class Content:
    """The content of some files, one after the other."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        self._size = sum(path.stat().st_size for path in paths)

    def __len__(self) -> int:
        return self._size

    def write_to(self, path: Path) -> None:
        """Makes a file of it, on the disk when this returns."""
        with path.open("xb") as target:
            for each in self.paths:
                with each.open("rb") as source:
                    shutil.copyfileobj(source, target, _CHUNK)
            target.flush()
            os.fsync(target.fileno())


class Moved(Content):
    """One file that is taken away from where it is; on the same disk, that takes no time."""

    def __init__(self, path: Path) -> None:
        super().__init__([path])

    def write_to(self, path: Path) -> None:
        with self.paths[0].open("rb+") as source:
            os.fsync(source.fileno())
        shutil.move(self.paths[0], path)


class Held(mmap.mmap):
    """The content of a file of the store: a buffer to those who want one, chunks to a response."""

    path: Path

    @classmethod
    def of(cls, path: Path) -> Held:
        """The file must not be empty."""
        with path.open("rb") as file:
            held = cls(file.fileno(), 0, access=mmap.ACCESS_READ)
        held.path = path
        return held

    def __iter__(self) -> Iterator[bytes]:  # type: ignore[override]
        # Not from the map: what it has touched counts as memory of this process.
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def write_to(self, path: Path) -> None:
        Content([self.path]).write_to(path)
