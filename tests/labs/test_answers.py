"""Right, odd and wrong answers, typed into the cells of all exercises."""

from __future__ import annotations

import functools
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest

from labhelpers import Exercises
from tests.labs import situations
from tests.labs.typed import Typed, everything
from tools.exercise_cells import blank, exercise_number, load_exercises
from tools.runner import find

LABS = Path(__file__).parents[2] / "labs"
TOOLS = {"np": np, "pd": pd, "json": json, "Decimal": Decimal, "Fraction": Fraction}
EVERYTHING = list(everything())
EXERCISES = sorted({(typed.lab, typed.number) for typed in EVERYTHING})
# Their right answer is the same, whatever the notebook holds.
ALWAYS_THE_SAME = {("01", 2), ("02", 1), ("02", 2), ("02", 5), ("03", 1), ("03", 2), ("03", 3),
                   ("03", 5), ("04", 2), ("04", 3), ("04", 4), ("04", 5), ("04", 6), ("04", 7),
                   ("04", 9), ("05", 2), ("05", 3), ("05", 4), ("05", 5), ("05", 6), ("06", 1),
                   ("06", 2), ("06", 3), ("06", 6), ("06", 7), ("07", 5), ("07", 6), ("07", 7),
                   ("07", 8), ("07", 9), ("08", 1), ("08", 3), ("08", 4), ("08", 5), ("08", 7),
                   ("09", 1), ("09", 3)}  # fmt: skip


@functools.cache
def cells() -> dict[tuple[str, int], str]:
    """The code of each exercise's cell, by lab and number."""
    return {
        (path.parent.name[:2], number): cell.source
        for path in find(LABS, [])
        for cell in nbformat.read(path, as_version=4).cells
        if (number := exercise_number(cell))
    }


@functools.cache
def exercises_of(lab: str) -> Exercises:
    return load_exercises(next(LABS.glob(f"{lab}-*/*.ipynb")))


class Notebook:
    """A notebook at its exercises, without a kernel."""

    def __init__(self, lab: str, variables: dict[str, Any], capsys: Any, patch: Any) -> None:
        self.lab, self.variables, self._capsys = lab, variables | TOOLS, capsys
        # What the cell of 03a's exercise 2 reads the log with.
        lines = str(variables.get("log", "")).splitlines()
        log = SimpleNamespace(new_lines=lambda: lines)
        patch.setattr("labhelpers.logs.JobLog", lambda *_: log)

    def solve(self, number: int) -> None:
        """Runs the solution; `V` is its answer then."""
        exec(exercises_of(self.lab).exercises[number - 1].solution, self.variables)
        self.variables["V"] = self.variables[f"answer_{number}"]

    def type(self, number: int, code: str) -> str:
        """Runs the exercise's cell with code in its blank, and returns what it says."""
        source = cells()[self.lab, number].replace(blank(number), code)
        self.variables["exercises"] = exercises_of(self.lab)
        self._capsys.readouterr()
        exec(source, self.variables)
        said: str = self._capsys.readouterr().out
        return said.removeprefix(f"Exercise {number}: ")


@pytest.fixture
def notebook(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Any:
    """Makes a notebook of a lab: in one of two situations, or after the clean-up."""

    def make(lab: str, number: int | None = 0) -> Notebook:
        def folder() -> Path:
            path: Path = request.getfixturevalue("tmp_path") / str(number)
            return path

        variables = (
            situations.after_the_clean_up(lab, folder)
            if number is None
            else situations.situation(lab, number, folder)
        )
        return Notebook(lab, variables, capsys, monkeypatch)

    return make


@pytest.mark.parametrize("typed", EVERYTHING, ids=str)
def test_an_answer_is_told_what_it_is(typed: Typed, notebook: Any) -> None:
    page = notebook(typed.lab)
    page.solve(typed.number)
    page.variables["D"] = typed.decimals
    said = page.type(typed.number, f"answer_{typed.number} = {typed.code}")
    if typed.said is None:
        assert said.startswith("correct: ")
    elif typed.said == "not attempted":
        assert said.startswith("not attempted: ")
    else:
        assert said.startswith("not yet: ")
        assert typed.said in said
        # A check reads every answer; this is what a fault in a check would say.
        assert "the check could not use" not in said


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "3 leaves, one for each species,"), (4, "guessing among three species gets 33%")],
)
def test_the_praise_is_a_sentence(number: int, said: str, notebook: Any) -> None:
    assert said in notebook("03").type(number, exercises_of("03").exercises[number - 1].solution)


def test_there_are_enough_of_them() -> None:
    assert len(EVERYTHING) >= 500
    assert set(EXERCISES) == set(cells())
    assert all(sum(t.said is None for t in EVERYTHING if (t.lab, t.number) == e) for e in EXERCISES)


@pytest.mark.parametrize(("lab", "number"), EXERCISES)
def test_each_answer_of_the_exercise_itself_is_told(lab: str, number: int, notebook: Any) -> None:
    exercise = exercises_of(lab).exercises[number - 1]
    for situation in (0, 1):
        page = notebook(lab, situation)
        for wrong in exercise.wrong:
            assert page.type(number, wrong).startswith("not yet: "), wrong
        assert page.type(number, exercise.solution).startswith("correct: ")


@pytest.mark.parametrize(("lab", "number"), sorted(set(EXERCISES) - ALWAYS_THE_SAME))
def test_what_is_right_for_one_input_is_wrong_for_another(
    lab: str, number: int, notebook: Any
) -> None:
    one, other = notebook(lab, 0), notebook(lab, 1)
    one.solve(number)
    other.variables["V"] = one.variables["V"]
    assert other.type(number, f"answer_{number} = V").startswith("not yet: ")


@pytest.mark.parametrize(("lab", "number"), EXERCISES)
def test_after_the_clean_up_no_right_answer_is_refused(
    lab: str, number: int, notebook: Any
) -> None:
    said = notebook(lab, None).type(number, exercises_of(lab).exercises[number - 1].solution)
    gone = "is gone: the clean-up has run. Run step"
    assert said.startswith("correct: ") or (said.startswith("not checked: ") and gone in said)


@pytest.mark.parametrize(
    ("lab", "number", "said"),
    [
        ("01", 2, "correct: sepals, petals and no label"),
        ("03", 1, "correct: that is what SageMaker writes."),
        ("03", 2, "correct: SageMaker would report 9"),
        ("03", 3, "correct: two rows of four numbers."),
        ("04", 6, "not checked: your endpoint is gone: the clean-up has run. Run steps 3 to 5"),
    ],
)
def test_after_the_clean_up_a_right_answer_hears(
    lab: str, number: int, said: str, notebook: Any
) -> None:
    page = notebook(lab, None)
    assert page.type(number, exercises_of(lab).exercises[number - 1].solution).startswith(said)


@pytest.mark.parametrize(
    ("lab", "number", "code", "said"),
    [
        ("01", 2, "'6.3,2.8,5.1'", "not yet: four values"),
        ("03", 1, "json.dumps({'max_leaf_nodes': '5'})", "not checked: your image is gone"),
        ("03", 1, "json.dumps({'max_leaf_nodes': 3})", "not yet: that would work here"),
        ("03", 2, "'(9) leaves'", "not yet: it matches nothing in the log of a larger tree"),
        ("03", 3, "'[[5.1, 3.5, 1.4, 0.2]]'", "not yet: the body is a list of two rows"),
        ("04", 6, "424", "not yet: that is the status of InvokeEndpoint"),
        ("04", 6, "400", "correct: 400"),
    ],
)
def test_after_the_clean_up_other_answers_hear(
    lab: str, number: int, code: str, said: str, notebook: Any
) -> None:
    assert notebook(lab, None).type(number, f"answer_{number} = {code}").startswith(said)
