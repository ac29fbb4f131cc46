"""What is put into the blank of an exercise's cell: each wrong answer, then the right one."""

from __future__ import annotations

import copy
import importlib.util
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labhelpers import Exercises

_TAG = re.compile(r"exercise-(\d+)")


@dataclass(frozen=True)
class Attempt:
    """A cell with an answer in its blank, and how its output must begin."""

    label: str
    cell: Any
    verdict: str


def load_exercises(path: Path) -> Exercises:
    """The exercises beside a notebook; none where there is no such file."""
    source = path.parent / "exercises.py"
    if not source.exists():
        return Exercises()
    spec = importlib.util.spec_from_file_location(f"exercises of {path.parent.name}", source)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Exercises = module.exercises
    return found


def exercise_number(cell: Any) -> int | None:
    """The number of the exercise that a cell is for."""
    for tag in cell.metadata.get("tags", []):
        if found := _TAG.fullmatch(tag):
            return int(found[1])
    return None


def blank(number: int) -> str:
    """The line of an exercise's cell that an answer replaces."""
    return f"answer_{number} = ..."


def untouched(cell: Any, number: int) -> Attempt:
    """The cell as it is stored."""
    return Attempt("untouched", cell, _verdict(number, "not attempted"))


def answers(cell: Any, number: int, exercises: Exercises) -> Iterator[Attempt]:
    """One cell for each answer that the exercise knows."""
    exercise = exercises.exercises[number - 1]
    for place, wrong in enumerate(exercise.wrong, start=1):
        yield Attempt(
            f"wrong answer {place}", _answered(cell, number, wrong), _verdict(number, "not yet")
        )
    yield Attempt(
        "right answer", _answered(cell, number, exercise.solution), _verdict(number, "correct")
    )


def _answered(cell: Any, number: int, answer: str) -> Any:
    answered = copy.deepcopy(cell)
    answered.source = cell.source.replace(blank(number), answer)
    answered.outputs = []
    return answered


def said(outputs: Iterable[Any]) -> str:
    """The plain text of a cell's outputs: what it printed and what it showed."""
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in outputs
    )


def _verdict(number: int, verdict: str) -> str:
    return f"Exercise {number}: {verdict}: "
