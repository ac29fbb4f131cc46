"""Every notebook runs, with every answer to its exercises; one run serves all tests here."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from .conftest import exercise_number
from .permissions import allowed, needed


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
    exercises = [cell for cell in notebook.cells if exercise_number(cell)]
    assert len(found) >= 3 * len(exercises)
    surprises = [attempt for attempt in found if not attempt[2].startswith(f"{attempt[1]}: ")]
    assert surprises == []


@pytest.mark.slow
def test_every_call_of_the_lab_is_allowed(run: Any, statements: list[dict[str, Any]]) -> None:
    assert run.problem is None, run.problem
    assert run.calls, "no call was recorded"
    patterns = [pattern.lower() for pattern in allowed(statements)]
    missing = {
        action
        for action in needed(run.calls)
        if not any(fnmatchcase(action.lower(), pattern) for pattern in patterns)
    }
    assert sorted(missing) == []
