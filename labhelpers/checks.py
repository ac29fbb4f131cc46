"""Exercises that check themselves: an answer is correct, not yet correct, or not attempted.

A lab's `exercises.py` defines its exercises; the notebook calls check, hint and solution. They
raise nothing: a notebook with open exercises still runs from top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.validate import ParamValidator


class NotYet(Exception):
    """Raised by an exercise's check for an answer that is not correct. Says what to look at."""


def need(answer: Any, kind: type, rule: str) -> None:
    """Raises NotYet with the rule unless an answer is of a type. True and False are not numbers.

    For example: `need(answer, str, "a body is text")`.
    """
    if not isinstance(answer, kind) or isinstance(answer, bool):
        name = type(answer).__name__
        article = "an" if name[0].lower() in "aeiou" else "a"
        raise NotYet(f"{rule}, and this is {article} {name}.")


def need_shape(answer: Any, client: Any, shape: str) -> None:
    """Raises NotYet unless an answer fits a shape of the client's service: "VpcConfig".

    The message has boto3's own words about a request that it does not send.
    """
    report = ParamValidator().validate(answer, client.meta.service_model.shape_for(shape))
    if report.has_errors():
        raise NotYet(f"boto3 would not send it. {report.generate_report()}.")


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    `check(answer, **context)` returns a sentence on what a correct answer shows, or raises NotYet.
    `solution` is code that replaces the blank, `wrong` is code that the check must refuse. The
    tests run all of it.
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
        """Prints what is to say about an answer. `...` means that it was not attempted."""
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
        """Prints the next hint. After the last hint comes the first one again."""
        if exercise := self._exercise(number):
            turn = self._hinted.get(number, 0) % len(exercise.hints)
            self._hinted[number] = turn + 1
            _say(number, f"hint {turn + 1} of {len(exercise.hints)}", exercise.hints[turn])

    def solution(self, number: int) -> None:
        """Prints one way to do it."""
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
