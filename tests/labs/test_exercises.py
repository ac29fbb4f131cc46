"""Every exercise can be answered where it stands, and its check tells right from wrong."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import nbformat

from labhelpers import Exercises
from tests.labs.attempts import exercise_number


def cells_of_exercises(path: Path) -> list[tuple[int, Any]]:
    """Number and cell of each exercise, in all notebooks that share the exercises of `path`."""
    return [
        (number, cell)
        for notebook in sorted(path.parent.glob("*.ipynb"))
        for cell in nbformat.read(notebook, as_version=4).cells
        if (number := exercise_number(cell))
    ]


def test_each_exercise_has_one_cell(path: Path, exercises: Exercises) -> None:
    counts = Counter(number for number, _ in cells_of_exercises(path))
    assert counts == dict.fromkeys(range(1, len(exercises.exercises) + 1), 1)


def test_a_lab_has_exercises(exercises: Exercises) -> None:
    assert exercises.exercises


def test_each_cell_has_one_blank_and_its_check(path: Path) -> None:
    for number, cell in cells_of_exercises(path):
        assert cell.cell_type == "code"
        assert cell.source.splitlines().count("answer = ...") == 1
        assert cell.source.count("...") == 1
        assert f"exercises.check({number}, answer" in cell.source


def test_each_exercise_has_hints_and_wrong_answers(exercises: Exercises) -> None:
    for exercise in exercises.exercises:
        assert exercise.hints
        assert len(set(exercise.wrong)) == len(exercise.wrong) > 0
        assert exercise.solution not in exercise.wrong
