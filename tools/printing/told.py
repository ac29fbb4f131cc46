"""What the check of an exercise says to its right answer and to the usual wrong ones.

Whoever asks has a labcloud: the notebook runs up to its last exercise, and each answer is put into
its cell, as the tests do it.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from labhelpers import Exercises
from labhelpers.learner import VARIABLE
from tools.exercise_cells import answered, exercise_number, said
from tools.runner import execute

# Exercise number and answer, in code, to what was said.
Told = Mapping[tuple[int, str], str]


@dataclass(frozen=True)
class NotRun(Exception):
    """The notebook did not run. Says where it stopped."""

    problem: str


def told(path: Path, exercises: Exercises) -> Told:
    """What is said to each answer that the exercises of a notebook know. Raises NotRun."""
    # The names in the answers are those of the stored outputs.
    os.environ[VARIABLE] = "ana"
    notebook = nbformat.read(path, as_version=4)
    cells = list(_with_answers(notebook.cells, exercises))
    last = max((place for place, (_, asked) in enumerate(cells) if asked), default=-1)
    notebook.cells = [cell for cell, _ in cells[: last + 1]]
    if problem := execute(notebook, path.parent, path.stem):
        raise NotRun(problem)
    return {
        asked: said(cell.outputs).removeprefix(f"Exercise {asked[0]}: ").strip()
        for cell, (_, asked) in zip(notebook.cells, cells, strict=False)
        if asked
    }


def _with_answers(
    cells: list[Any], exercises: Exercises
) -> Iterator[tuple[Any, tuple[int, str] | None]]:
    """The cells of a notebook; behind that of an exercise a copy for each answer, the right last.

    What is right stays in its variable, as for somebody who has solved it.
    """
    for cell in cells:
        yield copy.deepcopy(cell), None
        if number := exercise_number(cell):
            exercise = exercises.exercises[number - 1]
            for answer in (*exercise.wrong, exercise.solution):
                yield answered(cell, number, answer), (number, answer)
