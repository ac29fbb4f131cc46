"""JSON as RFC 8259 has it: no NaN, and no number without end.

Python reads and writes both, and SQLite takes a record with one of them for damaged.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn


class NotJson(ValueError):
    """A number that JSON does not have. The message is the beginning of a sentence."""


def loads(text: str | bytes) -> Any:
    """The value of a JSON text. Raises ValueError (NotJson among it), RecursionError."""
    return json.loads(text, parse_constant=refuse, parse_float=finite)


def refuse(constant: str) -> NoReturn:
    """For `parse_constant`: NaN, Infinity, -Infinity. Raises NotJson, in Jackson's words."""
    raise NotJson(f"Non-standard token '{constant}'")


def finite(text: str) -> float:
    """The number that a text stands for. Raises ValueError, also for one that has no end."""
    value = float(text)
    if not math.isfinite(value):
        raise NotJson(f"{text} is not a finite number")
    return value


def spelled(value: float) -> float | str:
    """A number as AWS's JSON protocols write it: those that JSON does not have are texts."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
