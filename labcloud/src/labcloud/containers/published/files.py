"""The files that an image gets: COPY and ADD, and the commands of RUN that are about files.

What pip would install is read here, too, because the files that say it may be gone later.
"""

from __future__ import annotations

import posixpath
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from labcloud.containers.archives import BadArchive, unpack
from labcloud.containers.published.dockerfile import Copy, Recipe
from labcloud.containers.published.packages import Wanted, wanted
from labcloud.containers.published.pip import Installation
from labcloud.containers.published.runs import carry_out
from labcloud.containers.published.words import BadDockerfile
from labcloud.state.paths import inside
from labcloud.state.trees import below

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass
class Placed:
    """What is left to be done of an image whose files are there.

    `undone` are the lines of the RUNs that cannot be carried out after all.
    """

    undone: list[int] = field(default_factory=list)
    packages: list[Wanted] = field(default_factory=list)


def place(recipe: Recipe, context: Path, root: Path, asked: Path) -> Placed:
    """Puts the files of an image below `root`, and those that name packages below `asked`.

    Blocking. Raises BadDockerfile where a source is not there, or a path leads out of the build
    context or of `root`.
    """
    root.mkdir(parents=True, exist_ok=True)
    placed = Placed()
    for step in recipe.steps:
        if isinstance(step, Installation):
            try:
                placed.packages.append(wanted(step, root, asked))
            except (OSError, ValueError):
                placed.undone.append(step.line)
            continue
        if not isinstance(step, Copy):
            if not carry_out(step, root):
                placed.undone.append(step.line)
            continue
        sources = (path for source in step.sources for path in _sources(context, source))
        found = list(dict.fromkeys(sources))
        folder = step.target.endswith("/") or len(found) > 1
        for source in found:
            _place(source, step, root, folder)
        for name, text in step.texts:
            _write(name, text, step, root)
    if recipe.changes_modes:
        _make_scripts_executable(root)
    return placed


def _write(name: str, text: str, copy: Copy, root: Path) -> None:
    """A text of the Dockerfile, as a file."""
    path = f"{copy.target}{name}" if copy.target.endswith("/") else copy.target
    target = _target(root, path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_text(text)
    except OSError as error:
        raise BadDockerfile(f"COPY to {path}: {error.strerror}") from error
    _set_mode(target, copy.mode)


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
    """The mode that COPY asks for."""
    if mode is not None:
        # labcloud itself must be able to read and delete it.
        path.chmod(mode & 0o777 | 0o600)


def _make_scripts_executable(root: Path) -> None:
    """A RUN that was skipped may have done so."""
    for path in below(root):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            script = file.read(2) == b"#!"
        if script:
            path.chmod(path.stat().st_mode | 0o111)
