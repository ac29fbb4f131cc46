"""What a cell printed, joined to one output as far as nothing else was shown in between.

A kernel sends what is printed in pieces, which differ from run to run. nbclient can join them, but
it joins all of a cell: a line behind a picture then stands before it. Here a picture stays between
what was printed before it and what was printed after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

# A carriage return takes back its line, as a terminal does, unless the line ends there.
_TAKEN_BACK = re.compile(r".*\r(?=[^\n])")
_ORDER = ("stdout", "stderr")


def joined(outputs: Iterable[Any]) -> list[Any]:
    """A cell's outputs in their order, neighbouring pieces of a stream joined to one.

    stdout comes before stderr where they are neighbours: the kernel sends the two in no fixed
    order. The first piece of a stream gets the text of the others.
    """
    result: list[Any] = []
    for printed, group in groupby(outputs, lambda output: output["output_type"] == "stream"):
        pieces = list(group)
        result += _streams(pieces) if printed else pieces
    return result


def _streams(pieces: list[Any]) -> list[Any]:
    streams: dict[str, Any] = {}
    for piece in pieces:
        first = streams.setdefault(piece["name"], piece)
        if first is not piece:
            first["text"] += piece["text"]
    for stream in streams.values():
        stream["text"] = _TAKEN_BACK.sub("", stream["text"])
    return sorted(streams.values(), key=lambda stream: _ORDER.index(stream["name"]))
