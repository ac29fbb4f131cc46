"""The instructor's edition of a notebook: with its outputs, solutions, hints and notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup

from labhelpers import Exercise, Exercises
from tools.exercise_cells import exercise_number
from tools.printing import notes, pages
from tools.printing.told import Told


def edition(path: Path, exercises: Exercises, told: Told, index: str) -> str:
    """The page of a notebook. `told` may be empty, and `index` is the text of labs/README.md."""
    cells = nbformat.read(path, as_version=4).cells
    title = cells[0].source.partition("\n")[0].removeprefix("# ").strip()
    return pages.page(
        "instructor",
        title=title,
        times=_rendered(notes.times(index, path), path.parent),
        notes=[pages.markdown(note, path.parent) for note in notes.teaching(index, path)],
        parts=_parts(cells, exercises, told, path.parent),
    )


def contents(lessons: list[tuple[str, str, dict[str, str]]], index: str, labs: Path) -> str:
    """The page that leads to the others: address, title and times of each, and general notes."""
    return pages.page(
        "contents",
        headings=next((list(times) for _, _, times in lessons if times), []),
        lessons=[(address, title, _rendered(times, labs)) for address, title, times in lessons],
        notes=[pages.markdown(note, labs) for note in notes.general(index)],
    )


def _rendered(fields: dict[str, str], folder: Path) -> dict[str, Markup]:
    return {name: pages.markdown(text, folder) for name, text in fields.items()}


def _parts(cells: list[Any], exercises: Exercises, told: Told, folder: Path) -> list[Any]:
    """The notebook in HTML, in pieces, each with what there is to say about its last cell."""
    parts: list[Any] = []
    since: list[Any] = []
    for cell in cells:
        since.append(cell)
        if number := exercise_number(cell):
            exercise = exercises.exercises[number - 1]
            parts.append((pages.html(since, folder), _about(number, exercise, told, folder)))
            since = []
    return [*parts, (pages.html(since, folder), None)]


def _about(number: int, exercise: Exercise, told: Told, folder: Path) -> dict[str, Any]:
    return {
        "number": number,
        "solution": pages.code(exercise.solution),
        "right": told.get((number, exercise.solution), ""),
        "hints": exercise.hints,
        "wrong": [
            (pages.code(answer), told.get((number, answer), "")) for answer in exercise.wrong
        ],
    }
