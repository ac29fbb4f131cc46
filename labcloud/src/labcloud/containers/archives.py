"""Packs the files that a container has made, and unpacks archives that are not trusted.

The latter not with tarfile's own filters: they trust the file system to tell where a path leads,
and have been deceived with long chains of links. Here nothing is ever written through a link, and
a link is made only where its target, read as text, stays inside.
"""

from __future__ import annotations

import errno
import os
import shutil
import tarfile
import zlib
from pathlib import Path
from typing import IO, Any

from labcloud.containers.tar_stream import HeadersTooLarge, opened
from labcloud.state.paths import inside
from labcloud.state.trees import below, is_folder
from labcloud.text import of_error

# What an archive may unpack to, in all: bytes, and files and folders.
MAX_UNPACKED = 20 * 1024**3
MAX_MEMBERS = 200_000
# Far above what anybody packs. Who walks the files may call itself for each folder.
MAX_DEPTH = 200
_CHUNK = 1024**2


class BadArchive(Exception):
    """An archive that must not be unpacked; the message is for the job's FailureReason."""


def pack(root: Path, relative: str, archive: Path) -> bool:
    """Packs the content of a folder below `root` to .tar.gz; False (no archive) if it is empty.

    `archive` must lie where no job can write. A link in the folder is packed as a link. What stands
    in the folder's place (a link, a file) counts as an empty folder. Raises BadArchive where a path
    is too long, and OSError.
    """
    folder = root / relative
    if not is_folder(root, relative) or not os.listdir(folder):
        return False
    # A third of the time of gzip's usual level, and a fifth more bytes, which stay on this machine.
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        try:
            for path in below(folder):
                tar.add(path, arcname=str(path.relative_to(folder)), recursive=False)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise BadArchive("it has folders in folders, deeper than a path can be") from error
            raise
    return True


def unpack(archive: Path, folder: Path, limit: int = MAX_UNPACKED) -> None:
    """Unpacks .tar.gz into a folder. Raises BadArchive for one that is broken or not safe.

    Refused are names and links that leave the folder, devices and pipes, folders that are too deep,
    headers that are too large, and what would unpack to more than `limit` bytes or than the disk
    has room for. What was unpacked until then stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    size, free = 0, shutil.disk_usage(folder).free
    try:
        with opened(archive) as stream, tarfile.open(fileobj=stream, mode="r:") as tar:  # type: ignore[call-overload]
            for count, member in enumerate(tar):
                size += member.size
                if member.size < 0 or count > MAX_MEMBERS:
                    raise BadArchive("it has a member of impossible size, or too many of them")
                if size > limit:
                    raise BadArchive(f"it unpacks to more than {limit} bytes")
                if size > free:
                    raise BadArchive("the disk is full: it unpacks to more than there is room for")
                with stream.content():
                    _unpack_safely(tar, member, folder)
    except HeadersTooLarge as error:
        raise BadArchive(str(error)) from error
    except RecursionError as error:
        # tarfile calls itself for each header that announces the next.
        raise BadArchive("it has too many headers for one member") from error
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
        raise BadArchive(of_error(error)) from error


def _unpack_safely(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    try:
        _unpack_member(tar, member, folder)
    except OSError as error:
        name = member.name[:200]
        raise BadArchive(f"its member {name!r} cannot be written: {of_error(error)}") from error


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    name = os.path.normpath(member.name)
    if name == "." and member.isdir():
        return
    if os.path.isabs(name) or ".." in member.name.split("/"):
        raise BadArchive(f"its member {member.name!r} is outside of the archive")
    if name.count("/") > MAX_DEPTH:
        raise BadArchive(
            f"its member {member.name[:80]!r}... lies below {MAX_DEPTH} folders and more"
        )
    path = inside(folder, name)
    if any((folder / parent).is_symlink() for parent in list(Path(name).parents)[:-1]):
        raise BadArchive(f"its member {member.name!r} lies behind a link")
    if member.isdir():
        if path.is_symlink():
            raise BadArchive(f"its member {member.name!r} is a link and a folder")
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or path.is_file():
        path.unlink()
    if member.isreg():
        _write(tar, member, path)
    elif member.issym():
        os.symlink(_checked(member.linkname, name), path)
    elif member.islnk():
        _link(member, path, folder)
    else:
        raise BadArchive(f"its member {member.name!r} is neither a file nor a folder nor a link")


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    source = tar.extractfile(member)
    if source is None:
        raise BadArchive(f"its member {member.name!r} has no content")
    with source, path.open("xb") as target:
        # What is a hole in a sparse file stays one.
        spans: Any = member.sparse
        for position, length in spans or [(0, member.size)]:
            source.seek(position)
            target.seek(position)
            _copy(source, target, length)
        target.truncate(member.size)
    # Executables stay executable; other users get no permission.
    path.chmod(0o700 if member.mode & 0o111 else 0o600)


def _copy(source: IO[bytes], target: IO[bytes], length: int) -> None:
    while length:
        part = source.read(min(length, _CHUNK))
        if not part:
            raise BadArchive("it ends in the middle of a file")
        target.write(part)
        length -= len(part)


def _checked(target: str, name: str) -> str:
    """The target of a symbolic link, where it stays inside.

    It may go up only at its beginning, from folders that are no links, and then down.
    """
    parts = target.split("/")
    up = 0
    while up < len(parts) and parts[up] == "..":
        up += 1
    deep = name.count("/")
    if target.startswith("/") or "\0" in target or ".." in parts[up:] or up > deep:
        raise BadArchive(f"its link {name!r} leads outside, to {target!r}")
    return target


def _link(member: tarfile.TarInfo, path: Path, folder: Path) -> None:
    """A hard link, to a file that the archive has unpacked before."""
    target = inside(folder, os.path.normpath(member.linkname))
    behind_a_link = any(
        parent.is_symlink() for parent in target.parents if folder in parent.parents
    )
    if behind_a_link or target.is_symlink() or not target.is_file():
        raise BadArchive(f"its link {member.name!r} leads to nothing, {member.linkname!r}")
    os.link(target, path)
