"""Temporary folders, each claimed by the process that made it: no death leaves one for ever.

A claim is a lock on a file in the folder, which ends with the process. Every start of a server
deletes the folders that nobody claims any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from labcloud.state import trees

HOMES = "labcloud-home-"
SOCKETS = "labcloud-sockets-"
_LOCK = "claim"


class Claim:
    """A new folder of this process, until `release` or the end of the process."""

    def __init__(self, prefix: str) -> None:
        while True:
            self.folder = Path(tempfile.mkdtemp(prefix=prefix))
            # Whoever is just sweeping may take the folder for one that was left.
            with contextlib.suppress(FileNotFoundError, BlockingIOError):
                self._lock = _locked(self.folder / _LOCK, os.O_CREAT)
                return

    def release(self) -> None:
        """Deletes the folder with everything in it. Raises OSError."""
        try:
            trees.remove(self.folder)
        finally:
            os.close(self._lock)


@contextlib.contextmanager
def claimed(prefix: str) -> Iterator[Path]:
    """A new folder, deleted afterwards, or by another process once this one has died."""
    claim = Claim(prefix)
    try:
        yield claim.folder
    finally:
        claim.release()


def sweep() -> None:
    """Deletes the folders of this user whose processes have died."""
    with os.scandir(tempfile.gettempdir()) as entries:
        found = [entry.path for entry in entries if entry.name.startswith((HOMES, SOCKETS))]
    for name in found:
        with contextlib.suppress(OSError):
            _delete_if_left(Path(name))


def _delete_if_left(folder: Path) -> None:
    """Raises OSError, also where the folder is claimed or somebody else's."""
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
        return
    try:
        lock = _locked(folder / _LOCK)
    except FileNotFoundError:
        # Its process died before it had claimed it. One that is in use is not empty.
        folder.rmdir()
        return
    try:
        trees.remove(folder)
    finally:
        os.close(lock)


def _locked(path: Path, more: int = 0) -> int:
    """Raises BlockingIOError where another process has the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | more, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
