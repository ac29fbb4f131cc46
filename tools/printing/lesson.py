"""A stored notebook as a lesson: its title and picture, its sections, its exercises."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from tools.exercise_cells import exercise_number

LEARN, BEFORE, EXERCISES = "What you will learn", "Before you start", "Exercises"
CLEAN_UP, LEARNED = "Clean up", "What you learned"
# What stands between two sections of level 2.
_HEADING = re.compile(r"^## (.+)$", re.M)
IMAGE = re.compile(r"!\[[^]]*\]\([^)]+\)")


@dataclass(frozen=True)
class Section:
    """A heading and the cells below it. A cell of text that holds two headings is two cells."""

    heading: str
    cells: tuple[Any, ...]

    @property
    def text(self) -> str:
        """Its text in Markdown, without the heading."""
        return "\n\n".join(cell.source for cell in self.cells if cell.cell_type == "markdown")


@dataclass(frozen=True)
class Exercise:
    """An exercise: its number in the lab, what is asked, in Markdown, and the code of its cell."""

    number: int
    text: str
    source: str


@dataclass(frozen=True)
class Lesson:
    """A notebook. `summary` and `picture` are Markdown, the picture with its alternative text."""

    path: Path
    title: str
    summary: str
    picture: str
    sections: tuple[Section, ...]

    @property
    def number(self) -> str:
        """As in `02a`."""
        return self.path.stem.partition("-")[0]

    @property
    def steps(self) -> tuple[Section, ...]:
        return tuple(one for one in self.sections if one.heading.startswith("Step "))

    def section(self, heading: str) -> Section:
        """The section of a heading, or an empty one."""
        return next((one for one in self.sections if one.heading == heading), Section(heading, ()))

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """Each with the text that stands before its cell."""
        found, text = [], ""
        for cell in (cell for section in self.sections for cell in section.cells):
            if cell.cell_type == "markdown":
                text = cell.source
            elif number := exercise_number(cell):
                found.append(Exercise(number, _from(f"**Exercise {number}.**", text), cell.source))
        return tuple(found)


def read(path: Path) -> Lesson:
    """The lesson of a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    opening, *sections = _sections(cells)
    text = opening.text
    title = text.partition("\n")[0].removeprefix("# ").strip()
    paragraphs = text.split("\n\n")[1:]
    images = [image for paragraph in paragraphs for image in IMAGE.findall(paragraph)]
    summary = paragraphs[0] if paragraphs and images[:1] != paragraphs[:1] else ""
    return Lesson(path, title, summary, next(iter(images), ""), tuple(sections))


def _sections(cells: list[Any]) -> list[Section]:
    """What comes before the first heading, then a section for each heading."""
    found: list[tuple[str, list[Any]]] = [("", [])]
    for cell in cells:
        if cell.cell_type != "markdown":
            found[-1][1].append(cell)
            continue
        before, *rest = _HEADING.split(cell.source)
        if before.strip():
            found[-1][1].append(_with_source(cell, before))
        for heading, text in zip(rest[::2], rest[1::2], strict=True):
            below = [_with_source(cell, text)] if text.strip() else []
            found.append((heading.strip(), below))
    return [Section(heading, tuple(below)) for heading, below in found]


def _with_source(cell: Any, source: str) -> Any:
    found = copy.deepcopy(cell)
    found.source = source.strip()
    return found


def _from(mark: str, text: str) -> str:
    """A text from a mark on; all of it if the mark is not there."""
    return text[max(0, text.find(mark)) :]
