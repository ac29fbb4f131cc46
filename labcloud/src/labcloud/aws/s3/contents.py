"""Contents of objects on their way from file to file, without passing through memory.

moto hands contents around as bytes. Where they are large, it gets one of these instead: they have a
length and can write themselves to a file. A MappedFile can also be read in parts.
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


class JoinedFiles:
    """The content of some files, one after the other."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        self._size = sum(path.stat().st_size for path in paths)

    def __len__(self) -> int:
        return self._size

    def write_to(self, path: Path) -> None:
        """Writes all of it into a new file, which is on the disk when this returns."""
        with path.open("xb") as target:
            for each in self.paths:
                with each.open("rb") as source:
                    shutil.copyfileobj(source, target, _CHUNK)
            target.flush()
            os.fsync(target.fileno())


class MovedFile(JoinedFiles):
    """One file that is moved to its new place; on the same disk that takes no time."""

    def __init__(self, path: Path) -> None:
        super().__init__([path])

    def write_to(self, path: Path) -> None:
        with self.paths[0].open("rb+") as source:
            os.fsync(source.fileno())
        shutil.move(self.paths[0], path)


class MappedFile(mmap.mmap):
    """A file of the store, mapped into memory: a buffer for moto, chunks for a response."""

    # Open as long as this lives: the file may be replaced, and then has no name any more.
    _descriptor = -1

    @classmethod
    def of(cls, path: Path) -> MappedFile:
        """The file must not be empty."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            mapped = cls(descriptor, 0, access=mmap.ACCESS_READ)
        except BaseException:
            os.close(descriptor)
            raise
        mapped._descriptor = descriptor
        return mapped

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def __iter__(self) -> Iterator[bytes]:  # type: ignore[override]
        # Not from the map: pages that were read through it count as memory of this process.
        position = 0
        while chunk := os.pread(self._descriptor, _CHUNK, position):
            yield chunk
            position += len(chunk)

    def write_to(self, path: Path) -> None:
        """Writes all of it into a new file, which is on the disk when this returns."""
        with path.open("xb") as target:
            for chunk in self:
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
