"""RUN lines that make, copy, move, link or change files: carried out without running anything.

So are those that pip's are (`pip`), up to the installation itself. Every other command is left to
Docker, and so is one with an option or a variable that is not known here, and one that finds
nothing: it may mean a file of the base image.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from labcloud.containers.packages import layer
from labcloud.containers.published.pip import Environment, Installation, steps
from labcloud.containers.published.words import BadDockerfile, filled, variables, words
from labcloud.state.paths import inside
from labcloud.state.trees import clear

# The commands: how many paths each needs at least, and the options that it may have.
_KNOWN = {
    "mkdir": (1, "pv"),
    "cp": (2, "rRafpdv"),
    "mv": (2, "fv"),
    "ln": (2, "sfnv"),
    "chmod": (2, "v"),
    "chown": (2, "Rhv"),
    "touch": (1, ""),
    "rm": (1, "rRfv"),
}
_MODE = re.compile(r"[ugoa]*\+[rwx]*x[rwx]*|[0-7]{3,4}")
_AND = "&&"
# With these, what is carried out depends on how other commands end.
_SEVERAL = re.compile("[|;&]")
# What a shell would do with these is not tried.
_SHELL = re.compile(r"[<>`(){}*?\[]|^~")
# In quotes and behind a backslash they are characters like others. Of a name with extras,
# `package[extra]`, a shell makes nothing else, with a version or without.
_PLAIN = re.compile(r"'[^']*'|\"[^\"`]*\"|\\.|(?<=[\w.-])\[[\w,.-]+\](?=$|[=~!])")
# They change what the commands after them do, by more than files.
_BUILT_IN = ("cd", "pushd", "popd", "export", "unset", "alias", "eval", "exec", "source", ".")
_ASSIGNS = re.compile(r"\w+=")
_STRICT = re.compile("-[eux]+")


@dataclass(frozen=True)
class Command:
    """One command of a RUN: its words, where it is run, and the line of the RUN (from 1)."""

    words: tuple[str, ...]
    workdir: str
    line: int


def commands(
    text: str, workdir: str, line: int, known: dict[str, str]
) -> tuple[list[Command | Installation | Environment], bool]:
    """What can be carried out of a RUN's commands, and whether that is all of them."""
    found, whole = list[Command | Installation | Environment](), True
    try:
        parts = _parts(words(text))
    except BadDockerfile:
        return [], False
    for part in parts:
        name, *given = split = _split(part, known)
        if name == "cd" and len(given) == 1 and not given[0].startswith("-"):
            workdir = posixpath.join(workdir, given[0])
        elif name in _KNOWN and _is_understood(name, given):
            found.append(Command(tuple(split), workdir, line))
        elif name and (of_pip := steps(split, known.get("PATH", ""), workdir, line)) is not None:
            found += of_pip
        elif part[0] in _BUILT_IN or _ASSIGNS.match(part[0]):
            return found, False
        elif name != "set" or not all(_STRICT.fullmatch(word) for word in given):
            whole = False
    return found, whole


def _parts(given: list[str]) -> list[list[str]]:
    """The commands that && joins. Raises BadDockerfile for others that depend on each other."""
    parts = [list[str]()]
    for word in given:
        if word == _AND:
            parts.append([])
        elif _SEVERAL.search(_PLAIN.sub("", word)):
            raise BadDockerfile(f"labcloud does not run {word}")
        else:
            parts[-1].append(word)
    if not all(parts):
        raise BadDockerfile(f"There is no command beside {_AND}")
    return parts


def _split(part: list[str], known: dict[str, str]) -> list[str]:
    """The words of a command as its program gets them; one empty word if that is not known here."""
    plain = (_PLAIN.sub("", word) for word in part)
    if any(map(_SHELL.search, plain)) or any(not variables(w) <= known.keys() for w in part):
        return [""]
    try:
        return [filled(word, known) for word in part]
    except BadDockerfile:
        return [""]


def _is_understood(name: str, given: list[str]) -> bool:
    least, options = _KNOWN[name]
    paths = [word for word in given if not word.startswith("-")]
    return len(paths) >= least and all(
        set(word[1:]) <= set(options) for word in given if word.startswith("-")
    )


def carry_out(command: Command | Environment, root: Path) -> bool:
    """Does what the command would do below `root`; False where it cannot. Blocking."""
    if isinstance(command, Environment):
        return _make_environment(command, root)
    name, *rest = command.words
    options = "".join(word for word in rest if word.startswith("-"))
    arguments = [word for word in rest if not word.startswith("-")]
    try:
        if name == "chmod":
            return _change_mode(arguments[0], [_place(root, command, p) for p in arguments[1:]])
        if name == "ln":
            return "s" in options and _link(root, command, arguments, forced="f" in options)
        places = [_place(root, command, path) for path in arguments]
        if name == "mkdir":
            for place in places:
                place.mkdir(parents=True, exist_ok=True)
        elif name == "touch":
            for place in places:
                place.touch()
        elif name == "rm":
            for place in places:
                clear(place)
        elif name in ("cp", "mv"):
            return _transfer(name, places, into=arguments[-1].endswith("/"))
    except (OSError, ValueError):
        return False
    # Owners (chown) are the same to all programs here.
    return True


def _make_environment(command: Environment, root: Path) -> bool:
    try:
        home = _place(root, command, command.home)
        clear(home)
        layer.lay(home)
    except (OSError, ValueError):
        return False
    return True


def _place(root: Path, command: Command | Environment, path: str) -> Path:
    """Where a path of the image lies. Raises ValueError for one behind a link."""
    whole = posixpath.normpath(posixpath.join(command.workdir, path)).strip("/")
    place = inside(root, whole) if whole else root
    if any(parent.is_symlink() for parent in place.parents if root in parent.parents):
        raise ValueError("it lies behind a link")
    return place


def _change_mode(mode: str, places: list[Path]) -> bool:
    if not _MODE.fullmatch(mode) or not all(p.is_file() and not p.is_symlink() for p in places):
        return False
    for place in places:
        given = int(mode, 8) & 0o777 if mode.isdigit() else place.stat().st_mode | 0o111
        place.chmod(given | 0o600)
    return True


def _link(root: Path, command: Command, arguments: list[str], *, forced: bool) -> bool:
    """A symbolic link. Its target is a path of the container, and is not looked at."""
    if len(arguments) != 2:
        return False
    target, name = arguments
    place = _place(root, command, name)
    if (place.is_dir() and not place.is_symlink()) or name.endswith("/"):
        place = place / posixpath.basename(target.rstrip("/"))
    if forced:
        clear(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)
    return True


def _transfer(name: str, places: list[Path], *, into: bool) -> bool:
    *sources, target = places
    folder = target.is_dir() or into or len(sources) > 1
    if not all(source.exists() and not source.is_symlink() for source in sources):
        return False
    for source in sources:
        to = target / source.name if folder else target
        to.parent.mkdir(parents=True, exist_ok=True)
        if name == "mv":
            source.rename(to)
        elif source.is_dir():
            shutil.copytree(source, to, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, to)
    return True
