"""Exercises say how an answer is, and never stop the notebook."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from labhelpers import Exercise, Exercises, LabError, NotYet
from labhelpers.gone import Gone

Printed = pytest.CaptureFixture[str]


def is_double(answer: Any, *, of: int) -> str:
    if answer + 0 != 2 * of:
        raise NotYet(f"{answer} is not twice {of}.")
    return f"twice {of} is {answer}."


@pytest.fixture
def exercises() -> Exercises:
    first = Exercise(
        check=is_double,
        hints=("Add it to itself.", "Or multiply."),
        solution="answer_1 = 2 * number",
        wrong=("answer_1 = number",),
    )
    return Exercises(first, first)


def test_untouched_is_not_attempted(exercises: Exercises, capsys: Printed) -> None:
    exercises.check(1, ..., of=3)
    assert capsys.readouterr().out.startswith("Exercise 1: not attempted: replace the ...")


@pytest.mark.parametrize("answer", [(6, ...), [..., ...], ([...],), {"of": {"a": ...}}])
def test_one_blank_of_several_is_not_attempted(
    exercises: Exercises, capsys: Printed, answer: Any
) -> None:
    exercises.check(1, answer, of=3)
    assert "not attempted" in capsys.readouterr().out


def test_a_right_answer_is_praised(exercises: Exercises, capsys: Printed) -> None:
    exercises.check(2, 6, of=3)
    assert capsys.readouterr().out == "Exercise 2: correct: twice 3 is 6.\n"


def test_a_wrong_answer_is_not_yet_and_says_why(exercises: Exercises, capsys: Printed) -> None:
    exercises.check(1, 5, of=3)
    assert capsys.readouterr().out == "Exercise 1: not yet: 5 is not twice 3.\n"


@pytest.mark.parametrize("answer", [None, "six", np.array([1, 2]), object()])
def test_an_answer_that_breaks_the_check_is_not_yet(
    exercises: Exercises, capsys: Printed, answer: Any
) -> None:
    exercises.check(1, answer, of=3)
    said = capsys.readouterr().out
    assert said.startswith("Exercise 1: not yet: the check could not use ")
    assert "exercises.hint(1)" in said


def test_what_a_check_needs_may_not_be_there_yet(exercises: Exercises, capsys: Printed) -> None:
    exercises.check(1, 6, of=None)
    assert capsys.readouterr().out == (
        "Exercise 1: not checked: of is None. Run the steps that make it, then this cell again.\n"
    )


def test_hints_come_in_turn_and_begin_again(exercises: Exercises, capsys: Printed) -> None:
    for _ in range(3):
        exercises.hint(1)
    exercises.hint(2)
    assert capsys.readouterr().out.splitlines() == [
        "Exercise 1: hint 1 of 2: Add it to itself.",
        "Exercise 1: hint 2 of 2: Or multiply.",
        "Exercise 1: hint 1 of 2: Add it to itself.",
        "Exercise 2: hint 1 of 2: Add it to itself.",
    ]


def test_the_solution_is_code_to_copy(exercises: Exercises, capsys: Printed) -> None:
    exercises.solution(2)
    assert capsys.readouterr().out == "Exercise 2: solution\nanswer_1 = 2 * number\n"


@pytest.mark.parametrize("number", [0, 3, -1, 3.0])
def test_an_exercise_that_is_not_there(exercises: Exercises, capsys: Printed, number: Any) -> None:
    exercises.check(number, 6, of=3)
    exercises.hint(number)
    exercises.solution(number)
    line = f"There is no exercise {number}: this lab has 1 to 2."
    assert capsys.readouterr().out.splitlines() == [line] * 3


def test_a_number_may_be_any_whole_number(exercises: Exercises, capsys: Printed) -> None:
    exercises.hint(1.0)  # type: ignore[arg-type]
    exercises.hint(np.int64(1))  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert said.splitlines()[1] == "Exercise 1: hint 2 of 2: Or multiply."


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1", "this is text. It is a number without the quotation marks."),
        ("one", "this is text. Give the number alone, without quotation marks, words and units."),
        (True, "this is a bool."),
        (1.5, "1.5 is not whole."),
        ([1], "this is a list."),
    ],
)
def test_what_is_no_number_is_told_how_to_write_one(
    exercises: Exercises, capsys: Printed, number: Any, said: str
) -> None:
    exercises.hint(number)
    rule = "The number of an exercise is written as in exercises.hint(1)"
    assert capsys.readouterr().out == f"{rule}, and {said}\n"


def test_without_a_number_it_is_asked_for_one(exercises: Exercises, capsys: Printed) -> None:
    exercises.hint()
    exercises.solution()
    assert capsys.readouterr().out.splitlines() == [
        "Say which exercise, for example exercises.hint(1): this lab has 1 to 2.",
        "Say which exercise, for example exercises.solution(1): this lab has 1 to 2.",
    ]


def failing(error: Exception) -> Exercises:
    """An exercise whose check raises an error."""

    def check(answer: Any) -> str:
        raise error

    return Exercises(Exercise(check=check, hints=("1.",), solution="", wrong=()))


def test_what_is_gone_is_a_verdict_of_its_own(capsys: Printed) -> None:
    failing(Gone("your endpoint is gone. Run step 8 again.")).check(1, "right")
    said = "Exercise 1: not checked: your endpoint is gone. Run step 8 again.\n"
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "InvokeEndpoint"),
        EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
        LabError("The log shows no rounds."),
    ],
)
def test_what_aws_says_is_never_blamed_on_the_answer(capsys: Printed, error: Exception) -> None:
    exercises = failing(error)
    exercises.check(1, "right")
    said = f"Exercise 1: not checked: this has nothing to do with your answer: {error}\n"
    assert capsys.readouterr().out == said


def test_progress_counts_what_was_solved(exercises: Exercises, capsys: Printed) -> None:
    exercises.progress()
    exercises.check(1, 6, of=3)
    exercises.progress()
    exercises.check(1, 5, of=3)
    exercises.check(2, ..., of=3)
    exercises.progress()
    exercises.check(2, 6, of=3)
    exercises.progress()
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if "Exercise" not in line] == [
        "0 of 2 solved. Open: 1, 2.",
        "1 of 2 solved. Open: 2.",
        "1 of 2 solved. Open: 2.",
        "2 of 2 solved. None is open.",
    ]


def test_progress_counts_the_exercises_of_one_notebook(capsys: Printed) -> None:
    exercise = Exercise(check=is_double, hints=("1.",), solution="", wrong=())
    exercises = Exercises(exercise, exercise, exercise, notebooks={"02a": 1, "02b": 2})
    exercises.progress()
    exercises.check(3, 6, of=3)
    capsys.readouterr()
    exercises.progress()
    assert capsys.readouterr().out == "02b: 1 of 2 solved. Open: 2.\n"
    exercises.hint()
    assert "02a has 1 to 1, 02b has 2 to 3" in capsys.readouterr().out
