"""The content of S3 objects on disk, where moto would keep it in memory.

moto stores what an object holds in a SpooledTemporaryFile and pickles the content with the key.
Here it goes to a file of its own, synced before moto goes on; the key remembers the path.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import moto.s3.models


class DiskBuffer:
    """One object's content: a file that is never changed, only replaced by another.

    No descriptor stays open between calls, so that there may be more objects than descriptors.
    """

    folder = Path(".")

    def __init__(self, max_size: int = 0) -> None:
        self.path: Path | None = None
        # Kept ones belong to the vault, which knows when nobody needs them any more.
        self.kept = False
        self._position = 0

    def write(self, data: bytes) -> int:
        """The whole content at once; it is on the disk when this returns. Raises OSError."""
        name = secrets.token_hex(16)
        folder = self.folder / name[:2]
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        try:
            with path.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _sync(folder)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self.close()
        self.path, self.kept, self._position = path, False, len(data)
        return len(data)

    def seek(self, position: int, whence: int = 0) -> int:
        assert whence == 0, "moto seeks from the start only"
        self._position = position
        return position

    def truncate(self) -> None:
        """Nothing to do: the next write makes a new file."""

    def read(self, size: int = -1) -> bytes:
        if self.path is None:
            return b""
        with self.path.open("rb") as file:
            file.seek(self._position)
            data = file.read(size)
        self._position += len(data)
        return data

    def close(self) -> None:
        """Called by moto when the key goes: parts of an upload and the like leave no file."""
        if self.path and not self.kept:
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
            self.path = None

    def __getstate__(self) -> dict[str, Any]:
        # A copy, or what a pickle holds, looks at the same file and never deletes it.
        return {"path": self.path, "kept": True, "_position": 0}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def _sync(folder: Path) -> None:
    """A new name in a folder is on the disk when the folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def install(folder: Path) -> None:
    """From now on moto keeps the content of objects in files below `folder`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    DiskBuffer.folder = folder
    models: Any = moto.s3.models
    models.tempfile = SimpleNamespace(SpooledTemporaryFile=DiskBuffer)
    models.FakeKey.__getstate__ = _key_state
    models.FakeKey.__setstate__ = _set_key_state


def _key_state(key: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(key).items() if name != "lock"}


def _set_key_state(key: Any, state: dict[str, Any]) -> None:
    vars(key).update(state, lock=threading.Lock())
