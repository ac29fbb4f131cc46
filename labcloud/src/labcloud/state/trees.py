"""Folders that a program has filled which is not trusted: read, packed and deleted with care.

A job can leave links to other places, pipes that nobody writes into, and folders so deep that
recursion or a path's length ends. Nothing here follows a link below the folder that it is given,
waits for a pipe, or calls itself. Only `open_file` and `files` may be called while the program
still runs.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@contextlib.contextmanager
def _opened(name: str | Path, within: int | None = None) -> Iterator[int]:
    """A descriptor of a folder that is no link. Raises OSError."""
    descriptor = os.open(name, _FOLDER, dir_fd=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_file(root: Path, relative: str) -> BinaryIO:
    """Opens a file below `root` for reading. Raises OSError, too for what is no regular file."""
    *parents, name = relative.split("/")
    with contextlib.ExitStack() as opened:
        within = opened.enter_context(_opened(root))
        for parent in parents:
            within = opened.enter_context(_opened(parent, within))
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=within)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "this is not a regular file", relative)
    return os.fdopen(descriptor, "rb")


def files(
    root: Path, folder: str, deepest: int, left_out: dict[str, str] | None = None
) -> Iterator[tuple[str, os.stat_result]]:
    """The regular files in a folder below `root`, by their path relative to `root`.

    In folders of at most that depth. What comes and goes meanwhile may be left out. Folders that
    cannot be read are noted in `left_out`, with the reason.
    """
    noted: dict[str, str] = {} if left_out is None else left_out
    waiting = [folder]
    while waiting:
        relative = waiting.pop()
        try:
            with contextlib.ExitStack() as opened:
                within = opened.enter_context(_opened(root))
                for part in relative.split("/"):
                    within = opened.enter_context(_opened(part, within))
                for name in sorted(os.listdir(within)):
                    path = f"{relative}/{name}"
                    with contextlib.suppress(OSError):
                        status = os.stat(name, dir_fd=within, follow_symlinks=False)
                        if stat.S_ISREG(status.st_mode):
                            yield path, status
                        elif stat.S_ISDIR(status.st_mode) and path.count("/") < deepest:
                            waiting.append(path)
                        elif stat.S_ISDIR(status.st_mode):
                            noted[path] = f"more than {deepest} folders deep"
        except PermissionError as error:
            noted[relative] = str(error.strerror)
        except OSError:
            continue


def is_folder(root: Path, relative: str) -> bool:
    """Whether a folder is there below `root`, with no link on the way to it."""
    path = root
    for part in relative.split("/"):
        path = path / part
        try:
            if not stat.S_ISDIR(path.lstat().st_mode):
                return False
        except OSError:
            return False
    return True


def below(folder: Path) -> Iterator[Path]:
    """Everything in a folder: parents first, otherwise in the order of the names.

    A folder that may not be listed counts as empty. Raises OSError where a path is too long.
    """
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        is_folder = stat.S_ISDIR(path.lstat().st_mode)
        if path != folder:
            yield path
        if is_folder:
            with contextlib.suppress(PermissionError):
                waiting += [path / name for name in sorted(os.listdir(path), reverse=True)]


def remove(folder: Path) -> None:
    """Deletes a folder and everything in it; nothing if it is not there.

    Goes on after an error, and raises the first one (OSError) at the end.
    """
    try:
        with _opened(folder) as top:
            errors = _emptied(top)
    except FileNotFoundError:
        return
    if errors:
        raise errors[0]
    folder.rmdir()


def clear(path: Path) -> None:
    """Removes what is there, if anything: a folder, a file, or a link, but not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        remove(path)
    else:
        path.unlink(missing_ok=True)


def _emptied(top: int) -> list[OSError]:
    """Deletes everything in a folder; returns what went wrong.

    Folders in its folders are moved up into it one by one, so no path gets long.
    """
    errors: list[OSError] = []
    fresh, numbers = secrets.token_hex(8), count()
    names = os.listdir(top)
    while names:
        name = names.pop()
        try:
            if not _entered(name, top):
                os.unlink(name, dir_fd=top)
                continue
            with _opened(name, top) as inner:
                for child in os.listdir(inner):
                    if not _entered(child, inner):
                        os.unlink(child, dir_fd=inner)
                        continue
                    moved = f".{fresh}-{next(numbers)}"
                    os.rename(child, moved, src_dir_fd=inner, dst_dir_fd=top)
                    names.append(moved)
            os.rmdir(name, dir_fd=top)
        except OSError as error:
            errors.append(error)
    return errors


def _entered(name: str, within: int) -> bool:
    """Makes sure that a folder can be entered and changed; False for what is no folder."""
    mode = os.stat(name, dir_fd=within, follow_symlinks=False).st_mode
    if not stat.S_ISDIR(mode):
        return False
    if mode & 0o700 != 0o700:
        os.chmod(name, 0o700, dir_fd=within)
    return True


@contextlib.contextmanager
def temporary(prefix: str, within: Path | None = None) -> Iterator[Path]:
    """A new folder, deleted afterwards with everything in it."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
    try:
        yield folder
    finally:
        remove(folder)
