"""Every exercise can be answered where it stands, and its check tells right from wrong."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import pytest

from labhelpers import Exercises

_TAG = re.compile(r"exercise-(\d+)")


def cells_of_exercises(path: Path) -> list[tuple[int, Any]]:
    """Number and cell of each exercise, in all notebooks that share the exercises of `path`."""
    return [
        (int(found[1]), cell)
        for notebook in sorted(path.parent.glob("*.ipynb"))
        for cell in nbformat.read(notebook, as_version=4).cells
        for tag in cell.metadata.get("tags", [])
        if (found := _TAG.fullmatch(tag))
    ]


def verdicts(notebook: Any) -> list[tuple[str, str, str]]:
    """Of each attempt at an exercise: its code, how its output should begin, and its output."""
    attempts = [cell for cell in notebook.cells if "attempt" in cell.metadata]
    return [
        (
            cell.source,
            "Exercise {exercise}: {verdict}".format_map(cell.metadata["attempt"]),
            "".join(output.get("text", "") for output in cell.outputs),
        )
        for cell in attempts
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


@pytest.mark.slow
def test_the_lab_runs_to_its_end(run: Any) -> None:
    assert run.problem is None, run.problem


@pytest.mark.slow
def test_nothing_that_costs_money_is_left(run: Any) -> None:
    free = run.left["dollars an hour"] == 0
    assert run.left[~free]["name"].tolist() == []


@pytest.mark.slow
def test_each_answer_gets_its_verdict(run: Any, notebook: Any) -> None:
    found = verdicts(run.notebook)
    tagged = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
    assert len(found) >= 3 * len([tag for tag in tagged if _TAG.fullmatch(tag)])
    surprises = [attempt for attempt in found if not attempt[2].startswith(f"{attempt[1]}: ")]
    assert surprises == []
