"""Exercises that check themselves: an answer is right, not right yet, or not attempted.

A lab's `exercises.py` states its exercises; the notebook calls check, hint and solution. Nothing
is raised: a notebook with open exercises still runs from top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class NotYet(Exception):
    """Raised by an exercise's check for an answer that is not right; says what to look at."""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    `check(answer, **context)` returns a sentence on what a right answer shows, or raises NotYet.
    `solution` is code for the cell's blank, `wrong` code that a check must refuse: the tests run
    all of them.
    """

    check: Callable[..., str]
    hints: tuple[str, ...]
    solution: str
    wrong: tuple[str, ...]


class Exercises:
    """The exercises of a lab, by number from 1."""

    def __init__(self, *exercises: Exercise) -> None:
        self.exercises = exercises
        self._hinted: dict[int, int] = {}

    def check(self, number: int, answer: Any, **context: Any) -> None:
        """Says how an answer is. `...` means that it was not attempted."""
        exercise = self._exercise(number)
        if exercise is None:
            return
        if _is_blank(answer):
            _say(number, "not attempted", "replace the ... by your answer and run the cell again.")
            return
        try:
            praise = exercise.check(answer, **context)
        except NotYet as error:
            _say(number, "not yet", str(error))
        except Exception as error:
            _say(
                number,
                "not yet",
                f"the check could not use a {type(answer).__name__} ({error}). "
                f"exercises.hint({number}) says what it expects.",
            )
        else:
            _say(number, "correct", praise)

    def hint(self, number: int) -> None:
        """The next hint; after the last one it begins again."""
        if exercise := self._exercise(number):
            turn = self._hinted.get(number, 0)
            hint = exercise.hints[turn % len(exercise.hints)]
            self._hinted[number] = turn + 1
            place = f"hint {turn % len(exercise.hints) + 1} of {len(exercise.hints)}"
            _say(number, place, hint)

    def solution(self, number: int) -> None:
        """One way to do it."""
        if exercise := self._exercise(number):
            _say(number, "solution", "")
            print(exercise.solution)

    def _exercise(self, number: int) -> Exercise | None:
        if isinstance(number, int) and 1 <= number <= len(self.exercises):
            return self.exercises[number - 1]
        print(f"There is no exercise {number}: this lab has 1 to {len(self.exercises)}.")
        return None


def _is_blank(answer: Any) -> bool:
    if isinstance(answer, (tuple, list)):
        return any(_is_blank(part) for part in answer)
    return answer is ...


def _say(number: int, verdict: str, text: str) -> None:
    print(f"Exercise {number}: {verdict}{': ' if text else ''}{text}")
