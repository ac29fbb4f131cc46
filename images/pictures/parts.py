"""What a picture is made of: boxes on a grid, and arrows between them. draw.py draws them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A box at a column and row of the grid; `note` is its second, smaller line.

    `kind` is a key of draw.KINDS: who runs it, and whether it costs money.
    """

    column: float
    row: float
    text: str
    kind: str
    note: str = ""


@dataclass(frozen=True)
class Arrow:
    """From one box to another, by their texts, with a label beside it.

    `steps` are the steps of the notebook in which that happens, if they are the learner's own.
    """

    start: str
    end: str
    label: str = ""
    steps: tuple[int, ...] = ()


@dataclass(frozen=True)
class Frame:
    """Around two boxes and all between them; its text stands below the first row.

    Its `kind` is that of a Box: one that is not plain stands around the plain frame of the same
    boxes, and is drawn in its colour.
    """

    first: str
    last: str
    text: str
    kind: str = "plain"


@dataclass(frozen=True)
class Picture:
    """One SVG: its file name without ending, what it shows in a sentence, its parts."""

    name: str
    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    frames: tuple[Frame, ...] = ()
