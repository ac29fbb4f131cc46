"""The subset of JSONPath that filters transform jobs' records.

Developer guide, "Associate Prediction Results with Input Records": `$`, `.name`, `*`, `['a','b']`,
`[0]`, `[1,-1]`, `[1:5]`. Several names, indices or a slice come last. The end of a slice is not
part of it, as in Python; AWS's guide says both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_SEGMENT = re.compile(r"\.?\[(?P<bracket>[^\]]*)\]|\.(?P<name>[A-Za-z0-9-]+|\*)")
_NAME = re.compile(r"\s*'([^']*)'\s*")
_INDEX = re.compile(r"\s*(-?\d+)\s*")
_SLICE = re.compile(r"\s*(-?\d+)?\s*:\s*(-?\d+)?\s*")
_OPERATORS = {
    "text/csv": ("$", "[", "]", "*", " ", ",", ":", "-"),
    "application/json": ("$", "[", "]", "*", ".", " ", ",", ":", "-", "'"),
}


class BadPath(ValueError):
    """A path that cannot be read; the message says why."""


class Unsupported(Exception):
    """A path that AWS accepts in a request and stumbles over when the job runs."""


class NoSuchElement(Exception):
    """A record that does not have what the path asks for."""


def check(path: str, content_type: str) -> None:
    """Raises BadPath for a path that CreateTransformJob refuses."""
    operators = _OPERATORS.get(content_type, _OPERATORS["application/json"])
    for char in path:
        letter = char.isascii() and (char.isdigit() or (char.isalpha() and "." in operators))
        if char not in operators and not letter:
            known = ", ".join(f"'{each}'" for each in operators)
            raise BadPath(
                f'Unexpected "{char}" in JsonPath. Supported operators for "{content_type}" are '
                f"[{known}]"
            )
    try:
        Path.parse(path)
    except Unsupported:
        # AWS finds out when the job runs.
        return


Select = Callable[[Any], Any]


@dataclass(frozen=True)
class Path:
    """A path that has been read; call it with a record."""

    text: str
    steps: tuple[Select, ...]

    @classmethod
    def parse(cls, text: str) -> Path:
        """Raises BadPath, Unsupported."""
        if not text.startswith("$"):
            raise BadPath("A JsonPath begins with $")
        place, steps, last = 1, list[Select](), False
        while place < len(text):
            found = _SEGMENT.match(text, place)
            if not found:
                raise BadPath(f"{text[place:]!r} cannot be part of a JsonPath")
            if last:
                raise BadPath("Nothing can follow several names, several indices, a range or *")
            step, last = _step(found, text)
            steps.append(step)
            place = found.end()
        return cls(text, tuple(steps))

    def __call__(self, value: Any) -> Any:
        """What the path selects from a record. Raises NoSuchElement."""
        for step in self.steps:
            try:
                value = step(value)
            except (KeyError, IndexError, TypeError, AttributeError) as error:
                raise NoSuchElement(f"{self.text} is not in the record") from error
        return value


def _step(found: re.Match[str], text: str) -> tuple[Select, bool]:
    """What a segment selects, and whether that is several things."""
    name, bracket = found["name"], found["bracket"]
    if "*" in (name, (bracket or "").strip()):
        return _all, True
    if name:
        return _member(name), False
    if _SLICE.fullmatch(bracket):
        return _range(_SLICE.fullmatch(bracket)), True
    parts = bracket.split(",")
    if ":" in bracket:
        raise Unsupported(
            f"Invalid JsonPath: {text}: only single range filters of format (eg: [1:5]) are "
            f"supported. Format [{bracket}] is not supported"
        )
    if all(_INDEX.fullmatch(part) for part in parts):
        return _elements([int(part) for part in parts]), len(parts) > 1
    names = [_NAME.fullmatch(part) for part in parts]
    if all(names):
        return _members([each[1] for each in names if each]), len(parts) > 1
    raise BadPath(f"[{bracket}] is neither names, nor indices, nor a range")


def _all(value: Any) -> Any:
    return list(value.values()) if isinstance(value, dict) else _list(value)


def _member(name: str) -> Select:
    return lambda value: _dict(value)[name]


def _members(names: Sequence[str]) -> Select:
    if len(names) == 1:
        return _member(names[0])
    return lambda value: {name: _dict(value)[name] for name in names}


def _elements(indices: Sequence[int]) -> Select:
    if len(indices) == 1:
        return lambda value: _list(value)[indices[0]]
    return lambda value: [_list(value)[index] for index in indices]


def _range(found: re.Match[str] | None) -> Select:
    assert found
    begin, end = (int(number) if number else None for number in found.groups())
    return lambda value: _list(value)[begin:end]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value
