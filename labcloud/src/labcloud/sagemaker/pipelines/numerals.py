"""Numbers that are written in texts: digits of ASCII, and no more of what Python would read."""

from __future__ import annotations

import re

from labcloud.json_text import finite

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def integer(text: str) -> int:
    """Raises ValueError for what is no integer, such as `1_000`, ` 1` and `\u0661`."""
    if not _INTEGER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def decimal(text: str) -> float:
    """Raises ValueError for what is no number, and for one that is too large to be kept."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return finite(text)
