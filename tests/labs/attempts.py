"""What is put into the blank of an exercise's cell: each wrong answer, then the right one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from labhelpers import Exercises
from tools.exercise_cells import answered


@dataclass(frozen=True)
class Attempt:
    """A cell with an answer in its blank, and how its output must begin."""

    label: str
    cell: Any
    verdict: str


def untouched(cell: Any, number: int) -> Attempt:
    """The cell as it is stored."""
    return Attempt("untouched", cell, _verdict(number, "not attempted"))


def answers(cell: Any, number: int, exercises: Exercises) -> Iterator[Attempt]:
    """One cell for each answer that the exercise knows."""
    exercise = exercises.exercises[number - 1]
    for place, wrong in enumerate(exercise.wrong, start=1):
        yield Attempt(
            f"wrong answer {place}", answered(cell, number, wrong), _verdict(number, "not yet")
        )
    yield Attempt(
        "right answer", answered(cell, number, exercise.solution), _verdict(number, "correct")
    )


def _verdict(number: int, verdict: str) -> str:
    return f"Exercise {number}: {verdict}: "
