"""Paths into what a step has produced: `Outputs['train'].S3Output.S3Uri`, `metrics.mse`, `a[0]`."""

from __future__ import annotations

import re
from typing import Any

from labcloud.sagemaker.pipelines.problems import Unresolved

Part = str | int
# A name, or what stands in brackets: a number, or a key in quotation marks.
_PART = re.compile(r"""\.?([^.\[\]'"]+)|\[([0-9]+)\]|\['([^']*)'\]|\["([^"]*)"\]""")


class BadPath(ValueError):
    """The text is no path."""


def parsed(text: str) -> tuple[Part, ...]:
    """The parts of a path. Raises BadPath."""
    found: list[Part] = []
    place = 0
    # JsonGet's paths may begin with the root.
    rest = text.removeprefix("$")
    while place < len(rest):
        match = _PART.match(rest, place)
        if match is None:
            raise BadPath(text)
        name, number, single, double = match.groups()
        if number is not None:
            found.append(int(number))
        else:
            found.append(next(each for each in (name, single, double) if each is not None))
        place = match.end()
    return tuple(found)


def look_up(value: Any, parts: tuple[Part, ...], what: str) -> Any:
    """What lies at a path. Raises Unresolved, with `what` in its message.

    A list of named things is a dictionary by their names: that is how SDKs write it.
    """
    for part in parts:
        found = _below(value, part)
        if found is None:
            raise Unresolved(f"{what} has no value")
        value = found
    return value


def _below(value: Any, part: Part) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list):
        if isinstance(part, int):
            return value[part] if part < len(value) else None
        return next((each for each in value if _is_called(each, part)), None)
    return None


def _is_called(item: Any, name: str) -> bool:
    return isinstance(item, dict) and any(
        member.endswith("Name") and value == name for member, value in item.items()
    )
