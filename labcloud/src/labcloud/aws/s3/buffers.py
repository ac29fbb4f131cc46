"""The content of S3 objects in files, where moto would keep it in memory.

moto stores the content of a key in a SpooledTemporaryFile, and takes a DiskBuffer for one (see
moto_patches.py). Each content is a file of its own, on the disk before moto goes on.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any, ClassVar

from labcloud.aws.s3.contents import LARGE, JoinedFiles, MappedFile
from labcloud.aws.s3.removals import Removals
from labcloud.state.paths import make_private, sync, write_private

_FILE_NAME = re.compile(r"[0-9a-f]{32}")


class DiskBuffer:
    """One object's content: a file that is never changed, only replaced by another.

    No descriptor stays open between calls, so that there may be more objects than descriptors.
    """

    # Set by the vault: all contents of this process are below it, and a state can be moved. Without
    # one, nothing is written: no folder would be the right one.
    folder: ClassVar[Path]
    removals = Removals()

    def __init__(self, max_size: int = 0) -> None:
        self.file: str | None = None
        # The vault deletes the file of a kept one, when no key needs it any more.
        self.kept = False
        self._position = 0

    @property
    def path(self) -> Path | None:
        """The file, or None for an empty content that was never written."""
        return file_of(self.folder, self.file) if self.file else None

    def write(self, data: bytes | JoinedFiles | MappedFile) -> int:
        """Writes the whole content; it is on the disk when this returns. Raises OSError."""
        name = secrets.token_hex(16)
        path = file_of(self.folder, name)
        make_private(path.parent, parents=False)
        try:
            if isinstance(data, (JoinedFiles, MappedFile)):
                data.write_to(path)
                sync(path.parent)
            else:
                write_private(path, data)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self.close()
        self.file, self.kept, self._position = name, False, len(data)
        return len(data)

    def seek(self, position: int, whence: int = 0) -> int:
        assert whence == 0, "moto seeks from the start only"
        self._position = position
        return position

    def truncate(self) -> None:
        """Nothing to do: the next write makes a new file."""

    def content(self) -> bytes | MappedFile:
        """The whole content."""
        path = self.path
        if path is None:
            return b""
        return MappedFile.of(path) if path.stat().st_size >= LARGE else path.read_bytes()

    def read(self, size: int = -1) -> bytes:
        path = self.path
        if path is None:
            return b""
        with path.open("rb") as file:
            file.seek(self._position)
            data = file.read(size)
        self._position += len(data)
        return data

    def close(self) -> None:
        """Deletes the file of a content that is not kept, such as a part of a finished upload.

        moto calls this when the key goes.
        """
        path = self.path
        if path and not self.kept:
            self.removals.remove(path)
            self.kept = True

    def __getstate__(self) -> dict[str, Any]:
        # A copy, and what is read from a pickle, share the file and never delete it.
        return {"file": self.file}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "path" in state:
            # Format 1 held the whole path, which is wrong as soon as the state has been moved.
            state = {"file": state["path"].name if state["path"] else None}
        file = state["file"]
        if file is not None and not _FILE_NAME.fullmatch(file):
            raise ValueError(f"{file!r} is not a file of the object store")
        self.file, self.kept, self._position = file, True, 0


def file_of(folder: Path, name: str) -> Path:
    """Where a content's file lies: in one of 256 folders."""
    return folder / name[:2] / name
