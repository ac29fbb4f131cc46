"""Exercises that check themselves: an answer is correct, not yet correct, or not attempted.

A lab's `exercises.py` defines its exercises; the notebook calls check, hint, solution and progress.
They raise nothing: a notebook with open exercises still runs from top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from labhelpers.answers import NotYet, as_number
from labhelpers.errors import LabError
from labhelpers.gone import Gone
from labhelpers.progress import tried
from labhelpers.verdicts import Verdict


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    `check(answer, **context)` returns a sentence on what a correct answer shows, or raises NotYet,
    or Gone. `solution` is code that replaces the blank, `wrong` is code that the check must refuse.
    The tests run all of it. The answer to exercise 2 is the variable `answer_2`.
    """

    check: Callable[..., str]
    hints: tuple[str, ...]
    solution: str
    wrong: tuple[str, ...]


class Exercises:
    """The exercises of a lab, by number from 1.

    `notebooks` says how many there are in each of the lab's notebooks, if it has several:
    `{"02a": 3, "02b": 3}`.
    """

    def __init__(self, *exercises: Exercise, notebooks: Mapping[str, int] | None = None) -> None:
        self.exercises = exercises
        self._notebooks = dict(notebooks or {"this lab": len(exercises)})
        self._hinted: dict[int, int] = {}
        self._checked: set[int] = set()
        self._solved: set[int] = set()

    def check(self, number: int, answer: Any, **context: Any) -> None:
        """Shows what there is to say about an answer. `...` means that it was not attempted."""
        exercise = self._exercise(number, "check")
        if exercise is None:
            return
        verdict = _judged(exercise, number, answer, context)
        self._checked.add(number)
        # Once solved is solved, whatever is tried in the cell afterwards.
        if verdict.word == "correct":
            self._solved.add(number)
        tried(number, verdict.word)
        verdict.show()

    def hint(self, number: int | None = None) -> None:
        """Shows the next hint. After the last hint comes the first one again."""
        if exercise := self._exercise(number, "hint"):
            assert number is not None
            turn = self._hinted.get(number, 0) % len(exercise.hints)
            self._hinted[number] = turn + 1
            word = f"hint {turn + 1} of {len(exercise.hints)}"
            Verdict(number, word, exercise.hints[turn]).show()

    def solution(self, number: int | None = None) -> None:
        """Shows one way to do it."""
        if exercise := self._exercise(number, "solution"):
            assert number is not None
            Verdict(number, "solution").show()
            print(exercise.solution)

    def progress(self) -> None:
        """Prints how many exercises of this notebook are solved, and which are open.

        It counts from the start of the kernel.
        """
        for notebook, numbers in self._numbers():
            # Another notebook of the lab runs in a kernel of its own.
            if self._checked and self._checked.isdisjoint(numbers):
                continue
            open_ones = [number for number in numbers if number not in self._solved]
            solved = len(numbers) - len(open_ones)
            where = f"{notebook}: " if len(self._notebooks) > 1 else ""
            rest = f"Open: {', '.join(map(str, open_ones))}." if open_ones else "None is open."
            print(f"{where}{solved} of {len(numbers)} solved. {rest}")

    def _numbers(self) -> list[tuple[str, range]]:
        """The numbers of the exercises in each notebook."""
        first, found = 1, []
        for notebook, count in self._notebooks.items():
            found.append((notebook, range(first, first + count)))
            first += count
        return found

    def _exercise(self, number: Any, method: str) -> Exercise | None:
        """The exercise of a number. None, after a sentence on what was meant, if there is none."""
        there = ", ".join(f"{name} has {n[0]} to {n[-1]}" for name, n in self._numbers())
        example = f"exercises.{method}(1)"
        if number is None:
            print(f"Say which exercise, for example {example}: {there}.")
            return None
        rule = f"The number of an exercise is written as in {example}"
        try:
            wanted = as_number(number, rule, whole=True)
        except NotYet as error:
            print(error)
            return None
        if 1 <= wanted <= len(self.exercises):
            return self.exercises[wanted - 1]
        print(f"There is no exercise {number}: {there}.")
        return None


def _judged(exercise: Exercise, number: int, answer: Any, context: Mapping[str, Any]) -> Verdict:
    """What there is to say about an answer."""
    if _is_blank(answer):
        text = "replace the ... by your answer and run the cell again."
        return Verdict(number, "not attempted", text)
    try:
        return Verdict(number, "correct", exercise.check(answer, **context))
    except NotYet as error:
        return Verdict(number, "not yet", str(error))
    except Gone as error:
        return Verdict(number, "not checked", str(error))
    except (ClientError, BotoCoreError, LabError) as error:
        text = f"this has nothing to do with your answer: {error}"
        return Verdict(number, "not checked", text)
    except Exception as error:
        text = (
            f"the check could not use a {type(answer).__name__} ({error}). "
            f"exercises.hint({number}) says what it expects."
        )
        return Verdict(number, "not yet", text)


def _is_blank(answer: Any) -> bool:
    """Whether `...` is left anywhere in an answer."""
    if isinstance(answer, (tuple, list)):
        return any(_is_blank(part) for part in answer)
    if isinstance(answer, dict):
        return any(_is_blank(part) for part in answer.values())
    return answer is ...
