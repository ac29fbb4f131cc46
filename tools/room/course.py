"""What the notebooks of the course have: their exercises, and where each cell stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tools.exercise_cells import exercise_number
from tools.runner import find

_HEADING = re.compile(r"^## (.+)$", re.M)


@dataclass(frozen=True)
class Notebook:
    """A notebook by its name, as in `02a-batch-transform`.

    `places` says of each cell, by its id, under which heading it stands, or which exercise it is.
    """

    name: str
    exercises: tuple[int, ...]
    places: Mapping[str, str]

    @property
    def number(self) -> str:
        """As in `02a`."""
        return self.name.partition("-")[0]


def notebooks(labs: Path) -> list[Notebook]:
    """All notebooks of a folder of labs, in order."""
    return [_notebook(path) for path in find(labs, [])]


def _notebook(path: Path) -> Notebook:
    heading, exercises, places = "", [], {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            found = _HEADING.findall(cell.source)
            # Of `Step 5 · Train` the first part: a table has little room.
            heading = found[-1].partition(" · ")[0] if found else heading
        number = exercise_number(cell)
        if number:
            exercises.append(number)
        places[cell.get("id", "")] = f"Exercise {number}" if number else heading
    return Notebook(path.stem, tuple(exercises), places)
