"""The files that an image gets from its build context: COPY and ADD, carried out in a folder."""

from __future__ import annotations

import posixpath
import shutil
from collections.abc import Iterator
from pathlib import Path

from labcloud.containers.archives import BadArchive, unpack
from labcloud.containers.published.dockerfile import BadDockerfile, Copy
from labcloud.state.paths import inside

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


def place(copies: list[Copy], context: Path, root: Path) -> None:
    """Copies what the instructions name from a build context to below `root`. Blocking.

    Raises BadDockerfile where a source is not there, or a path leads out of one of the two.
    """
    root.mkdir(parents=True, exist_ok=True)
    for copy in copies:
        found = list(dict.fromkeys(path for s in copy.sources for path in _sources(context, s)))
        folder = copy.target.endswith("/") or len(found) > 1
        for source in found:
            _place(source, copy, root, folder)


def _sources(context: Path, pattern: str) -> Iterator[Path]:
    text = posixpath.normpath("/" + pattern).lstrip("/") or "."
    try:
        found = [context] if text == "." else sorted(context.glob(text))
    except (ValueError, NotImplementedError) as error:
        raise BadDockerfile(f"COPY of {pattern!r}: {error}") from error
    if not found:
        raise BadDockerfile(
            f"COPY of {pattern!r}: there is no such file in the build context (or .dockerignore "
            "leaves it out)"
        )
    yield from found


def _place(source: Path, copy: Copy, root: Path, folder: bool) -> None:
    target = _target(root, copy.target)
    try:
        if source.is_dir() and not source.is_symlink():
            # Of a folder, its content.
            target.mkdir(parents=True, exist_ok=True)
            for child in sorted(source.iterdir()):
                below = f"{copy.target.rstrip('/')}/{child.name}"
                _place(child, Copy((), below, mode=copy.mode), root, folder=False)
        elif copy.unpacks and source.name.endswith(_ARCHIVES):
            unpack(source, target)
        else:
            if folder:
                target = _target(root, f"{copy.target.rstrip('/')}/{source.name}")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
            if not target.is_symlink():
                _set_mode(target, copy.mode)
    except BadArchive as error:
        raise BadDockerfile(f"ADD of {source.name}: {error}") from error
    except (FileExistsError, IsADirectoryError, NotADirectoryError, FileNotFoundError) as error:
        raise BadDockerfile(f"COPY to {copy.target}: {error.strerror}") from error


def _target(root: Path, path: str) -> Path:
    """Where an absolute path of the image lies; never behind a link, which could lead out."""
    target = inside(root, path.strip("/")) if path.strip("/") else root
    for parent in [target, *target.parents]:
        if parent == root:
            break
        if parent.is_symlink():
            raise BadDockerfile(f"COPY to {path}: it lies behind a link")
    return target


def _set_mode(path: Path, mode: int | None) -> None:
    """The mode that COPY asks for. A script may be run: its `RUN chmod` has been skipped."""
    if mode is not None:
        path.chmod(mode & 0o777)
        return
    with path.open("rb") as file:
        script = file.read(2) == b"#!"
    if script:
        path.chmod(path.stat().st_mode | 0o111)
