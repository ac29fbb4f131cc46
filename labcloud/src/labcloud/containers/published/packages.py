"""The packages that a Dockerfile's `pip install`s ask for: installed when the image first runs.

As layers of an image, each lies over those before it, and is kept for all containers whose images
begin with the same ones.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from labcloud.containers.packages import kept, layer
from labcloud.containers.packages.asked import ARCHIVE, REQUIREMENT, are_there, lines_of
from labcloud.containers.packages.cover import Cover
from labcloud.containers.published.pip import Installation
from labcloud.state.paths import inside
from labcloud.state.trees import below

_FILES = ("-r", "--requirement", "-c", "--constraint")
# Options that leave nothing to be done where everything is there already.
_WEAK = ("-U", "--upgrade", "--no-deps", "--prefer-binary", "--pre", "--no-index")
_PASSWORD = re.compile(r"://[^\s/@]+@")
# Variables that lead pip out of the environment: a path in them would be one of this machine.
_ELSEWHERE = (
    "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "PIP_SRC", "PIP_LOG",
    "PIP_CACHE_DIR",
)  # fmt: skip
_NESTED = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)", re.MULTILINE)


class Wanted(TypedDict):
    """One `pip install`, ready to be done: a part of a plan, and so of plain values."""

    line: int
    # The virtual environment of the image that it is for; empty: the image's own Python.
    home: str
    # pip's, with paths of this machine, and as the Dockerfile has them.
    arguments: list[str]
    shown: str
    # The requirements, if names and versions are all that it asks for.
    named: list[str] | None
    # What it is kept under, beside what lies below it.
    key: list[str]


def wanted(installation: Installation, root: Path, copies: Path) -> Wanted:
    """Reads what an installation asks for in the image's files below `root`, as they are now.

    They are copied below `copies`: a later RUN may delete them. Blocking. Raises ValueError,
    OSError.
    """
    homes = (home for home in installation.homes if _is_environment(root, home))
    arguments, named, said = list[str](), list[str](), list[str]()
    simple, after = True, ""
    for word in installation.arguments:
        place = _place(root, installation.workdir, word, after)
        if place is None:
            arguments.append(word)
            said.append(word)
            if after not in _FILES and word not in (*_WEAK, *_FILES):
                named.append(word)
                simple &= bool(REQUIREMENT.fullmatch(word))
        else:
            copied = _copied(place, copies)
            extras = "".join(word.partition("[")[1:])
            arguments.append(f"{copied}{extras}")
            said.append(f"{_digest(copied.parent)}{extras}")
            lines = lines_of(copied) if after in _FILES else None
            named += lines or []
            simple &= lines is not None and after in ("-r", "--requirement")
        after = word
    return Wanted(
        line=installation.line,
        home=next(homes, ""),
        arguments=arguments,
        shown=_PASSWORD.sub("://****@", " ".join(installation.arguments)),
        named=named if simple else None,
        key=said,
    )


def _is_environment(root: Path, home: str) -> bool:
    """Whether it is one, and all that is written into it lies in the image."""
    place = inside(root, home.strip("/")) if home.strip("/") else root
    parts = (place / "pyvenv.cfg", place / "bin", layer.packages_of(place))
    return all(part.exists() and not _is_behind_a_link(part, root) for part in parts)


def _is_behind_a_link(place: Path, root: Path) -> bool:
    """Whether it is a link itself, or one of the image's folders above it is."""
    return any(part.is_symlink() for part in (place, *place.parents) if root in part.parents)


def _place(root: Path, workdir: str, word: str, after: str) -> Path | None:
    """Where an argument lies that names a file of the image. Raises ValueError if it is not there.

    As pip has it, a requirement names a file if it has a slash or begins with a dot, or is the name
    of an archive.
    """
    local = after in (*_FILES, "-f", "--find-links") and "://" not in word
    if after not in (*_FILES, "-f", "--find-links"):
        path = word.partition("[")[0]
        local = not word.startswith("-") and ":" not in path
        local &= "/" in path or path == "." or bool(ARCHIVE.fullmatch(path))
    if not local:
        return None
    whole = posixpath.normpath(posixpath.join(workdir, word.partition("[")[0])).strip("/")
    place = inside(root, whole) if whole else root
    if _is_behind_a_link(place, root) or not place.exists():
        raise ValueError(f"{word} is not in the image, or behind a link")
    return place


def _copied(place: Path, copies: Path) -> Path:
    """A copy of a file or a folder, alone in a folder of its own; with the files it refers to."""
    copies.mkdir(parents=True, exist_ok=True)
    folder = copies / str(len(list(copies.iterdir())))
    folder.mkdir()
    target = folder / (place.name or "root")
    if place.is_dir():
        shutil.copytree(place, target, symlinks=True)
        return target
    for name in {place.name, *_referred(place)}:
        copy = inside(folder, name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(place.parent / name, copy)
    return target


def _referred(file: Path) -> Iterator[str]:
    """The files beside a file of requirements that it names, and those that they name."""
    waiting, seen = [file.name], {file.name}
    while waiting:
        here = waiting.pop()
        text = (file.parent / here).read_text("utf-8", errors="replace")
        for name in _NESTED.findall(text):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(here), name))
            known = path in seen or path.startswith("..") or posixpath.isabs(path)
            beside = file.parent / path
            if not known and beside.is_file() and not beside.is_symlink():
                seen.add(path)
                waiting.append(path)
                yield path


def _digest(folder: Path) -> str:
    """Of the names and the contents of all files in a folder."""
    found = hashlib.sha256()
    for path in sorted(below(folder)):
        if path.is_file() and not path.is_symlink():
            found.update(f"{path.relative_to(folder)}\n{path.stat().st_size}\n".encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def provide(
    all_wanted: list[Wanted],
    sets: Path,
    image: Path,
    environment: Mapping[str, str],
    hidden: Sequence[Path] = (),
) -> Iterator[str]:
    """Installs what an image asks for, and lets the programs of this process find it. Blocking.

    `environment` is that of pip, which does not see what is `hidden`. Yields what the log should
    say, as it happens.
    """
    work = image.parent
    cover = Cover(tuple(hidden), (sets,), work)
    layers: dict[str, list[Path]] = {}
    for each in all_wanted:
        under = layers.setdefault(each["home"], [])
        if each["named"] is not None and are_there(each["named"], under):
            continue
        what = f"pip install {each['shown']} (line {each['line']} of the Dockerfile)"
        folder = sets / kept.key([*map(str, under), *each["key"]])
        try:
            with kept.locked(folder):
                if kept.is_made(folder):
                    yield f"{what}: these packages are installed already."
                else:
                    yield f"{what}: installing the packages, once for all containers."
                    code = kept.make(
                        folder, ["install", *each["arguments"]], each["key"],
                        below=under, environment=_of_a_build(environment), cover=cover,
                    )  # fmt: skip
                    if code:
                        yield (
                            f"pip ended with {code}: Docker would have built no image. Here the "
                            "program runs without these packages."
                        )
                        continue
        except OSError as error:
            yield f"{what}: they cannot be kept ({error.strerror}). The program runs without them."
            continue
        under.insert(0, folder)
    for home, found in layers.items():
        if not home:
            _find_first(found)
        # A later RUN may have deleted it, or made a link of it.
        elif _is_environment(image, home):
            for folder in reversed(found):
                layer.add(image / home.strip("/"), folder)


def _of_a_build(environment: Mapping[str, str]) -> dict[str, str]:
    """What pip gets: nothing of the job's, because Docker builds an image before there is one."""
    names = ("HOME", "TMPDIR", "LANG")
    found = {name: os.environ[name] for name in names if name in os.environ}
    of_image = {name: text for name, text in environment.items() if name not in _ELSEWHERE}
    return {"PIP_DISABLE_PIP_VERSION_CHECK": "1"} | found | of_image


def _find_first(found: list[Path]) -> None:
    """Lets the programs that this process starts find these environments before labcloud's own."""
    own = str(Path(sys.executable).parent)
    folders = os.environ["PATH"].split(os.pathsep)
    place = folders.index(own) if own in folders else 0
    folders[place:place] = [str(folder / "bin") for folder in found]
    modules = [os.environ.get("PYTHONPATH", ""), *(str(layer.packages_of(f)) for f in found)]
    os.environ["PATH"] = os.pathsep.join(folders)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, modules))
