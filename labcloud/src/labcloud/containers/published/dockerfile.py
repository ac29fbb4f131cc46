"""Reads a Dockerfile: what it copies, and how the image that it describes is run.

Follows the Dockerfile reference (https://docs.docker.com/reference/dockerfile/). Nothing is
executed here. What RUN would do is only remembered: what pip and a few commands about files do is
done later, and of the rest a user can be told, as of FROM.
"""

from __future__ import annotations

import contextlib
import copy
import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from labcloud.containers.published.pip import Environment, Installation
from labcloud.containers.published.runs import Command, commands
from labcloud.containers.published.words import LARGEST, BadDockerfile, filled, words

# What Docker sets where a base image sets nothing.
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SHELL = ("/bin/sh", "-c")
# They do not change how a program of the image runs.
_WITHOUT_EFFECT = (
    "LABEL", "EXPOSE", "MAINTAINER", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "ONBUILD",
)  # fmt: skip
_MAY_BE_SKIPPED = ("RUN", "COPY", "ADD", "USER")
_MAY_BE_EMPTY = ("ENTRYPOINT", "CMD", "RUN")
_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*")
_HEREDOC = re.compile(r"<<(-?)(['\"]?)(\w+)\2")
_OPTION = re.compile(r"--([\w-]+)(?:=(\S+))?(?:\s+|$)")
# Of COPY and ADD. What is `None` here has no effect.
_OPTIONS = {
    "chown": None, "link": None, "chmod": "chmod", "from": "from", "keep-git-dir": None,
    "checksum": None,
}  # fmt: skip
_CACHE = re.compile(r"(--mount=type=cache\S*\s+)+")
_SYMBOLIC = re.compile(r"[ugoa]*[+=][rwxX]+(,[ugoa]*[+=][rwxX]+)*")


@dataclass(frozen=True)
class Copy:
    """COPY or ADD: paths in the build context, and where they go in the image (absolute).

    `texts` are files that stand in the Dockerfile itself: their names, and what is in them.
    """

    sources: tuple[str, ...]
    target: str
    # ADD unpacks archives.
    unpacks: bool = False
    mode: int | None = None
    texts: tuple[tuple[str, str], ...] = ()


@dataclass
class Recipe:
    """An image as its Dockerfile's last stage describes it."""

    steps: list[Copy | Command | Installation | Environment] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": DEFAULT_PATH})
    workdir: str = "/"
    entrypoint: tuple[str, ...] = ()
    # What follows the entrypoint where nobody says anything else.
    command: tuple[str, ...] = ()
    shell: tuple[str, ...] = _SHELL
    # What only Docker can do: the instruction, and the line where it stands (from 1).
    skipped: list[tuple[str, int]] = field(default_factory=list)
    # What each instruction that may be skipped says, by its line.
    texts: dict[int, str] = field(default_factory=dict, compare=False)
    # Whether a RUN that was skipped may have made scripts executable.
    changes_modes: bool = False

    @property
    def copies(self) -> list[Copy]:
        return [step for step in self.steps if isinstance(step, Copy)]


class _Reader:
    """Goes through the instructions, from the first stage to the last."""

    def __init__(self, escape: str) -> None:
        self._escape = escape
        self._stages: dict[str, Recipe] = {}
        self._common: dict[str, str] = {}
        self._arguments: dict[str, str] = {}
        # Whether the stage at hand has a CMD of its own.
        self._has_command = False
        self.recipe: Recipe | None = None

    def apply(self, number: int, name: str, value: str, texts: dict[str, str]) -> None:
        """One instruction. Raises BadDockerfile."""
        if not value and name not in _MAY_BE_EMPTY:
            raise BadDockerfile(f"{name} needs an argument")
        if name == "FROM":
            self._begin(number, value)
        elif name == "ARG":
            self._argument(value)
        elif self.recipe is None:
            raise BadDockerfile(f"{name} stands before the first FROM")
        else:
            self._change(self.recipe, number, name, value, texts)
        variables = [self._arguments, self.recipe.environment if self.recipe else {}]
        if sum(len(text) for each in variables for text in each.values()) > LARGEST:
            raise BadDockerfile(f"the variables have more than {LARGEST} characters in all")

    def _begin(self, number: int, value: str) -> None:
        image, *rest = [filled(w, self._common, self._escape) for w in self._without_options(value)]
        # A stage may go on from an earlier one.
        earlier = self._stages.get(image.lower())
        own = Recipe(skipped=[("FROM", number)], texts={number: value})
        self.recipe = copy.deepcopy(earlier) if earlier else own
        self._has_command = False
        self._arguments = {}
        if len(rest) == 2 and rest[0].lower() == "as":
            self._stages[rest[1].lower()] = self.recipe

    def _without_options(self, value: str) -> list[str]:
        found = [word for word in words(value, self._escape) if not word.startswith("--")]
        if not found:
            raise BadDockerfile("FROM needs an image")
        return found

    def _known(self) -> dict[str, str]:
        return {**self._arguments, **(self.recipe.environment if self.recipe else {})}

    def _filled(self, text: str) -> str:
        return filled(text, self._known(), self._escape)

    def _argument(self, value: str) -> None:
        # Those before the first FROM are for FROM, and for stages that name them again.
        target = self._arguments if self.recipe else self._common
        for word in words(value, self._escape):
            name, given, default = word.partition("=")
            if given:
                known = self._known() if self.recipe else self._common
                target[name] = filled(default, known, self._escape)
            elif name in self._common:
                target[name] = self._common[name]

    def _change(
        self, recipe: Recipe, number: int, name: str, value: str, texts: dict[str, str]
    ) -> None:
        if name in _MAY_BE_SKIPPED:
            recipe.texts[number] = value
        if name in ("COPY", "ADD"):
            step = self._copy(recipe, name, value, texts)
            if step:
                recipe.steps.append(step)
            else:
                recipe.skipped.append((name, number))
        elif name == "RUN":
            self._run(recipe, number, value, texts)
        elif name == "ENV":
            recipe.environment.update(self._pairs(value))
        elif name == "WORKDIR":
            if not (path := self._filled(value)):
                raise BadDockerfile("WORKDIR needs a path")
            recipe.workdir = posixpath.normpath(posixpath.join(recipe.workdir, path))
        elif name == "ENTRYPOINT":
            recipe.entrypoint = self._program(recipe, value)
            if not self._has_command:
                # That of an earlier stage was for the entrypoint there.
                recipe.command = ()
        elif name == "CMD":
            recipe.command = self._program(recipe, value)
            self._has_command = True
        elif name == "SHELL":
            recipe.shell = tuple(_listed(value) or ())
            if not recipe.shell:
                raise BadDockerfile("SHELL needs a list of words in JSON form")
        elif name == "USER":
            recipe.skipped.append((name, number))
        elif name not in _WITHOUT_EFFECT:
            raise BadDockerfile(f"unknown instruction {name}")

    def _program(self, recipe: Recipe, value: str) -> tuple[str, ...]:
        """The words of ENTRYPOINT or CMD."""
        listed = _listed(value) if value else []
        return (*recipe.shell, value) if listed is None else tuple(listed)

    def _run(self, recipe: Recipe, number: int, value: str, texts: dict[str, str]) -> None:
        # A cache changes nothing in the image.
        text = _CACHE.sub("", value)
        with contextlib.suppress(BadDockerfile):
            text = shlex.join(_listed(text) or [text]) if text.startswith("[") else text
        plain = not texts and not text.startswith(("--", "["))
        known = self._known()
        done, whole = commands(text, recipe.workdir, number, known) if plain else ([], False)
        recipe.steps += done
        if not whole:
            recipe.skipped.append(("RUN", number))
            recipe.changes_modes |= "chmod" in value or "chmod" in "".join(texts.values())

    def _copy(self, recipe: Recipe, name: str, value: str, texts: dict[str, str]) -> Copy | None:
        """What is copied from the build context; None if it comes from elsewhere."""
        options, rest = dict[str, str](), value
        while found := _OPTION.match(rest):
            if found[1] not in _OPTIONS:
                raise BadDockerfile(f"labcloud does not implement --{found[1]} of {name}")
            options[found[1]], rest = self._filled(found[2] or ""), rest[found.end() :]
        if "from" in options:
            return None
        listed = _listed(rest)
        split = words(rest, self._escape) if listed is None else listed
        split = [word if word.startswith("<<") else self._filled(word) for word in split]
        if len(split) < 2:
            raise BadDockerfile(f"{name} needs at least one source and a destination")
        *sources, target = split
        if name == "ADD" and any("://" in source for source in sources):
            return None
        own = [found[3] for source in sources if (found := _HEREDOC.fullmatch(source))]
        sources = [source for source in sources if not _HEREDOC.fullmatch(source)]
        ends = target.endswith(("/", "/.")) or target == "." or len(sources) + len(own) > 1
        path = posixpath.normpath(posixpath.join(recipe.workdir, target))
        return Copy(
            tuple(sources),
            path.rstrip("/") + ("/" if ends else ""),
            name == "ADD",
            _mode(options.get("chmod", "")),
            tuple((each, self._text(texts, each, rest)) for each in own),
        )

    def _text(self, texts: dict[str, str], word: str, value: str) -> str:
        """A text in the Dockerfile. Its variables are replaced unless its word is in quotes."""
        quoted = any(found[3] == word and found[2] for found in _HEREDOC.finditer(value))
        text = texts[word]
        # Quotes are the text's own.
        return text if quoted else _replaced(text, self._known(), self._escape)

    def _pairs(self, value: str) -> dict[str, str]:
        """ENV name=value name=value …, or the old ENV name value."""
        if re.match(r"[\w.-]+=", value):
            split = words(value, self._escape)
            if any("=" not in word for word in split):
                raise BadDockerfile("ENV takes name=value, and quotes around values with spaces")
            pairs = (word.partition("=") for word in split)
            return {name: self._filled(text) for name, _, text in pairs}
        name, _, text = value.replace("\t", " ").partition(" ")
        if not text:
            raise BadDockerfile("ENV needs a name and a value")
        return {name: self._filled(text.strip())}


def read(text: str) -> Recipe:
    """The recipe in a Dockerfile. Raises BadDockerfile."""
    if len(text) > LARGEST:
        raise BadDockerfile(f"The Dockerfile has more than {LARGEST} characters")
    # Some editors begin a file with a mark of the byte order.
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    escape = _escape(lines)
    reader = _Reader(escape)
    for number, name, value, texts in _instructions(lines, escape):
        try:
            reader.apply(number, name, value, texts)
        except (BadDockerfile, ValueError) as error:
            raise BadDockerfile(f"Dockerfile, line {number}: {error}") from error
    if reader.recipe is None:
        raise BadDockerfile("The Dockerfile has no FROM")
    return reader.recipe


def _instructions(lines: list[str], escape: str) -> Iterator[tuple[int, str, str, dict[str, str]]]:
    """Line number (from 1), name, value and texts of each instruction.

    Lines are joined, comments gone. Texts are by the words that end them.
    """
    number = 0
    while number < len(lines):
        first, parts = number + 1, list[str]()
        while number < len(lines):
            line = lines[number].strip()
            number += 1
            if line.startswith("#") or not line:
                if parts:
                    continue
                break
            # Two of them stand for one, and join nothing.
            joins = line.endswith(escape) and not line.endswith(escape * 2)
            parts.append(line.removesuffix(escape).rstrip() if joins else line)
            if not joins:
                break
        if not parts:
            continue
        name, *rest = " ".join(parts).split(maxsplit=1) or [""]
        value, texts = (rest[0].strip() if rest else ""), dict[str, str]()
        for dash, _, word in _HEREDOC.findall(value) if name.upper() in _WITH_TEXTS else []:
            found = list[str]()
            while number < len(lines):
                line = lines[number].lstrip("\t") if dash else lines[number]
                number += 1
                if line == word:
                    break
                found.append(line)
            texts[word] = "".join(f"{line}\n" for line in found)
        if name:
            yield first, name.upper(), value, texts


_WITH_TEXTS = ("RUN", "COPY", "ADD")


def _escape(lines: list[str]) -> str:
    """The character that joins lines, which a directive at the top may set."""
    for line in lines:
        found = _DIRECTIVE.fullmatch(line.strip())
        if found is None:
            return "\\"
        if found[1].lower() == "escape":
            return found[2]
    return "\\"


def _listed(value: str) -> list[str] | None:
    """The words of a value in JSON form; None if it is not in that form. Raises BadDockerfile."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list):
        return None
    if not all(isinstance(word, str) for word in found):
        raise BadDockerfile("a list in JSON form must hold strings only")
    return found


def _mode(given: str) -> int | None:
    """A mode as chmod takes it. Of a symbolic one, whether it makes a program of a file counts."""
    if not given:
        return None
    if re.fullmatch(r"[0-7]{1,4}", given):
        return int(given, 8)
    if not _SYMBOLIC.fullmatch(given):
        raise BadDockerfile(f"--chmod={given} is no mode")
    return 0o755 if re.search("[xX]", given) else 0o644


def _replaced(text: str, known: dict[str, str], escape: str) -> str:
    """A text in which variables are replaced, and quotes are characters like others."""
    kept = text.replace("'", f"{escape}'").replace('"', f'{escape}"')
    return filled(kept, known, escape)
