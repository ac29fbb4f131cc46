"""Files of the state directory: paths that stay below their folder, and writes that are complete.

Knows no service and no resource.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# The longest name that file systems take (bytes).
_LONGEST_NAME = 255


def inside(folder: Path, relative: str) -> Path:
    """The path below `folder` that a name with slashes (the end of an S3 key) stands for.

    A part that means something to the file system is refused (`..`, `.`, nothing, NUL, too long):
    raises ValueError.
    """
    parts = relative.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise ValueError(f"the key {relative!r} cannot be a file name")
    if any(len(os.fsencode(part)) > _LONGEST_NAME for part in parts):
        raise ValueError(f"the key {relative!r} has a part longer than a file name may be")
    return folder.joinpath(*parts)


def make_private(folder: Path, *, parents: bool = True) -> None:
    """Makes a folder that only its user can enter (mode 0700). Raises OSError.

    Without `parents`, it is an error that the folder around it is missing.
    """
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=parents, exist_ok=True)
        sync(folder.parent)


def write_private(path: Path, content: str | bytes) -> None:
    """Replaces a file (mode 0600): readers see the old or the new one whole, after a crash too.

    It is on the disk when this returns. Raises OSError, and leaves the old file as it was then.
    """
    data = content.encode() if isinstance(content, str) else content
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """Brings the names in a folder to the disk: a file that was synced may lack its name there."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
