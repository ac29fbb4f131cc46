"""Reads a Dockerfile: what it copies, and how the image that it describes is run.

Follows the Dockerfile reference (https://docs.docker.com/reference/dockerfile/). Nothing is
executed here: FROM and RUN are only remembered, so that a user can be told of them.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

# What Docker sets where a base image sets nothing.
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# They do not change how a program of the image runs.
_WITHOUT_EFFECT = ("LABEL", "EXPOSE", "MAINTAINER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "CMD")
_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*")
_HEREDOC = re.compile(r"<<-?(['\"]?)(\w+)\1")
_OPTION = re.compile(r"--(\w+)=(\S+)\s*")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})")


# What a Dockerfile, all of its variables, and one value may have (characters). Linux gives a
# program no longer variable than that, and Docker's own images are far below the others.
LARGEST = 1024**2
_LONGEST_VALUE = 128 * 1024


class BadDockerfile(Exception):
    """What is wrong with a Dockerfile, in words for its author."""


@dataclass(frozen=True)
class Copy:
    """COPY or ADD: paths in the build context, and where they go in the image (absolute)."""

    sources: tuple[str, ...]
    target: str
    # ADD unpacks archives.
    unpacks: bool = False
    mode: int | None = None


@dataclass
class Recipe:
    """An image as its Dockerfile's last stage describes it."""

    copies: list[Copy] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": DEFAULT_PATH})
    workdir: str = "/"
    entrypoint: tuple[str, ...] = ()
    # What only Docker can do: the instruction, and the line where it stands (from 1).
    skipped: list[tuple[str, int]] = field(default_factory=list)


def read(text: str) -> Recipe:
    """The recipe in a Dockerfile. Raises BadDockerfile."""
    if len(text) > LARGEST:
        raise BadDockerfile(f"The Dockerfile has more than {LARGEST} characters")
    # ARGs before the first FROM are for FROM alone.
    recipe, arguments, begun = Recipe(), dict[str, str](), False
    for number, name, value in _instructions(text):
        try:
            if name == "FROM":
                recipe, arguments, begun = Recipe(skipped=[(name, number)]), {}, True
            elif name == "ARG":
                _argument(value, arguments, recipe)
            elif not begun:
                raise BadDockerfile(f"{name} stands before the first FROM")
            else:
                _apply(recipe, number, name, value, arguments)
            if _size(arguments) + _size(recipe.environment) > LARGEST:
                raise BadDockerfile(f"the variables have more than {LARGEST} characters in all")
        except (BadDockerfile, ValueError) as error:
            raise BadDockerfile(f"Dockerfile, line {number}: {error}") from error
    if not begun:
        raise BadDockerfile("The Dockerfile has no FROM")
    return recipe


def _apply(recipe: Recipe, number: int, name: str, value: str, arguments: dict[str, str]) -> None:
    known = {**arguments, **recipe.environment}
    if name in ("COPY", "ADD"):
        copy = _copy(recipe, name, value, known)
        if copy:
            recipe.copies.append(copy)
        else:
            recipe.skipped.append((name, number))
    elif name == "ENV":
        recipe.environment.update(_pairs(value, known))
    elif name == "WORKDIR":
        recipe.workdir = posixpath.normpath(
            posixpath.join(recipe.workdir, _filled(_unquoted(value), known))
        )
    elif name == "ENTRYPOINT":
        recipe.entrypoint = _command(value)
    elif name in ("RUN", "USER", "SHELL", "ONBUILD"):
        recipe.skipped.append((name, number))
    elif name not in _WITHOUT_EFFECT:
        raise BadDockerfile(f"unknown instruction {name}")


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number (from 1), name and value of each instruction, lines joined, comments gone."""
    lines = text.splitlines()
    escape, number = _escape(lines), 0
    while number < len(lines):
        first, parts = number + 1, list[str]()
        while number < len(lines):
            line = lines[number].strip()
            number += 1
            if line.startswith("#") or not line:
                if parts:
                    continue
                break
            parts.append(line.removesuffix(escape).rstrip())
            if not line.endswith(escape):
                break
        if not parts:
            continue
        name, _, value = " ".join(parts).partition(" ")
        for _, word in _HEREDOC.findall(value) if name.upper() in ("RUN", "COPY", "ADD") else []:
            while number < len(lines) and lines[number].strip() != word:
                number += 1
            number += 1
        yield first, name.upper(), value.strip()


def _escape(lines: list[str]) -> str:
    """The character that joins lines, which a directive at the top may set."""
    for line in lines:
        found = _DIRECTIVE.fullmatch(line.strip())
        if found is None:
            return "\\"
        if found[1].lower() == "escape":
            return found[2]
    return "\\"


def _copy(recipe: Recipe, name: str, value: str, known: dict[str, str]) -> Copy | None:
    """What is copied from the build context; None if it comes from elsewhere."""
    options, rest = dict[str, str](), value
    while found := _OPTION.match(rest):
        options[found[1]], rest = found[2], rest[found.end() :]
    if "from" in options:
        return None
    if "<<" in rest:
        raise BadDockerfile(f"{name} of a text in the Dockerfile itself: put it in a file")
    words = _listed(rest) or shlex.split(rest)
    words = [_filled(word, known) for word in words]
    if len(words) < 2:
        raise BadDockerfile(f"{name} needs at least one source and a destination")
    *sources, target = words
    if name == "ADD" and any("://" in source for source in sources):
        return None
    slash = "/" if target.endswith(("/", "/.")) or target == "." or len(sources) > 1 else ""
    path = posixpath.normpath(posixpath.join(recipe.workdir, target))
    mode = int(options["chmod"], 8) if options.get("chmod", "").isdigit() else None
    return Copy(tuple(sources), path.rstrip("/") + slash, name == "ADD", mode)


def _argument(value: str, arguments: dict[str, str], recipe: Recipe) -> None:
    name, given, default = value.partition("=")
    if given:
        arguments[name.strip()] = _filled(_unquoted(default), {**arguments, **recipe.environment})


def _pairs(value: str, known: dict[str, str]) -> dict[str, str]:
    """ENV name=value name=value …, or the old ENV name value."""
    if re.match(r"[\w.-]+=", value):
        words = shlex.split(value)
        if any("=" not in word for word in words):
            raise BadDockerfile("ENV takes name=value, and quotes around values with spaces")
        return {name: _filled(text, known) for name, _, text in (w.partition("=") for w in words)}
    name, _, text = value.partition(" ")
    if not text:
        raise BadDockerfile("ENV needs a name and a value")
    return {name: _filled(text.strip(), known)}


def _command(value: str) -> tuple[str, ...]:
    """ENTRYPOINT as a list. The argument of its shell form becomes the shell's $0, as in Docker."""
    words = _listed(value)
    return tuple(words) if words else ("/bin/sh", "-c", value)


def _listed(value: str) -> list[str]:
    """The words of a value in JSON form; empty if it is not in that form."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return []
    return [str(word) for word in found] if isinstance(found, list) else []


def _filled(text: str, known: dict[str, str]) -> str:
    """Text with its variables replaced; an unknown one is empty, as in Docker."""
    size = len(text)

    def replace(found: re.Match[str]) -> str:
        nonlocal size
        value = known.get(found[1] or found[2], "")
        if found[3] == "-":
            value = value or found[4]
        elif found[3] == "+":
            value = found[4] if value else ""
        size += len(value)
        # A variable of variables of variables grows like a power of their number.
        if size > _LONGEST_VALUE:
            raise BadDockerfile(f"a value has more than {_LONGEST_VALUE} characters")
        return value

    return _VARIABLE.sub(replace, text)


def _size(variables: dict[str, str]) -> int:
    return sum(map(len, variables.values()))


def _unquoted(text: str) -> str:
    return " ".join(shlex.split(text)) if text[:1] in "\"'" else text
