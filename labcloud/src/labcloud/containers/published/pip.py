"""`pip install` in a Dockerfile's RUN: what it asks for, read and not yet done."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

_PYTHON = re.compile(r"python(3(\.\d+)?)?")
_PIP = re.compile(r"pip(3(\.\d+)?)?")
# Options that change what is said, or where it goes: here it goes where labcloud puts it.
_DROPPED = re.compile(
    r"--no-cache(-dir)?|--user|--break-system-packages|--system|-e|--editable|-q+|--quiet|-v+"
    r"|--verbose|--disable-pip-version-check|--no-input|--no-warn-script-location|--(no-)?compile"
    r"|--(root-user-action|progress-bar|cache-dir)=\S+"
)
_DROPPED_WITH_VALUE = ("--root-user-action", "--progress-bar", "--cache-dir")
# Options that change what is installed, alone and with a value.
_KEPT = re.compile(
    r"-U|--upgrade|--pre|--no-deps|--force-reinstall|-I|--ignore-installed|--no-build-isolation"
    r"|--prefer-binary|--use-pep517|--require-hashes|--no-index|--ignore-requires-python"
)
_VALUED = re.compile(
    r"-r|--requirement|-c|--constraint|-i|--index-url|--extra-index-url|-f|--find-links"
    r"|--trusted-host|--no-binary|--only-binary|--upgrade-strategy|--(default-)?timeout|--retries"
)
# Options of one letter: several in one word, and with a value in the same word.
_SEVERAL = re.compile("-[Uqv]{2,}")
_JOINED = re.compile(r"(-[rcif])([^-].*)")
# The tools themselves are there.
_TOOLS = ("pip", "setuptools", "wheel", "uv")
# Of uv and of pip, what needs nothing to be done.
_IDLE = ("check", "cache", "list", "freeze", "--version")


@dataclass(frozen=True)
class Installation:
    """One `pip install`: what it is told, where it is run, and the line of the RUN (from 1).

    `homes` are the folders of the image that may be the virtual environment it is for.
    """

    arguments: tuple[str, ...]
    homes: tuple[str, ...]
    workdir: str
    line: int


@dataclass(frozen=True)
class Environment:
    """`python -m venv`: a virtual environment of the image."""

    home: str
    workdir: str
    line: int


def steps(
    words: Sequence[str], path: str, workdir: str, line: int
) -> list[Installation | Environment] | None:
    """What is to be done for one command; None for one that is not pip's, or not understood."""
    if home := _made(words):
        return [Environment(home, workdir, line)]
    told = _told(words)
    if told is None:
        return None
    program, arguments = told
    if arguments[:1] and arguments[0] in _IDLE:
        return []
    while arguments and _DROPPED.fullmatch(arguments[0]):
        arguments = arguments[1:]
    if not arguments or arguments[0] != "install":
        return None
    kept = _options(arguments[1:])
    if kept is None:
        return None
    if not any(not word.startswith("-") and word not in _TOOLS for word in kept):
        return []
    return [Installation(tuple(kept), tuple(_homes(program, path, workdir)), workdir, line)]


def _made(words: Sequence[str]) -> str:
    """The folder that a command makes a virtual environment."""
    name = PurePosixPath(words[0]).name
    if _PYTHON.fullmatch(name) and tuple(words[1:3]) == ("-m", "venv"):
        rest = words[3:]
    elif name == "virtualenv" or tuple(words[:2]) == ("uv", "venv"):
        rest = words[1 + (name == "uv") :]
    else:
        return ""
    paths = [word for word in rest if not word.startswith("-")]
    return paths[0] if len(paths) == 1 else ""


def _told(words: Sequence[str]) -> tuple[PurePosixPath, list[str]] | None:
    """The program whose environment it is, and what pip is told."""
    program = PurePosixPath(words[0])
    if _PYTHON.fullmatch(program.name) and tuple(words[1:3]) == ("-m", "pip"):
        return program, list(words[3:])
    if _PIP.fullmatch(program.name):
        return program, list(words[1:])
    if program.name == "uv" and words[1:2] == ["pip"]:
        return PurePosixPath("python"), list(words[2:])
    return None


def _options(arguments: Sequence[str]) -> list[str] | None:
    """What of it says what is installed, each option in one word; None for an unknown option."""
    found, rest = list[str](), iter(arguments)
    for word in rest:
        name = word.partition("=")[0]
        if _DROPPED.fullmatch(word):
            continue
        if word in _DROPPED_WITH_VALUE:
            next(rest, "")
        elif _SEVERAL.fullmatch(word):
            found += ["-U"] * ("U" in word)
        elif joined := _JOINED.fullmatch(word):
            found += joined.groups()
        elif not word.startswith("-") or _KEPT.fullmatch(word):
            found.append(word)
        elif _VALUED.fullmatch(word):
            found += [word, next(rest, "")]
        elif name.startswith("--") and _VALUED.fullmatch(name):
            found += [name, word.partition("=")[2]]
        else:
            return None
    return found


def _homes(program: PurePosixPath, path: str, workdir: str) -> list[str]:
    """The environments that a program of this name may belong to, as the image's PATH has them."""
    named = len(program.parts) > 1
    folders = [posixpath.join(workdir, program.parent)] if named else path.split(":")
    return [str(PurePosixPath(each).parent) for each in folders if each.endswith("/bin")]
