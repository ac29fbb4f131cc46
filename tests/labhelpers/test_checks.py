"""Exercises say how an answer is, and never stop the notebook."""

from __future__ import annotations

import numbers
from typing import Any

import boto3
import numpy as np
import pytest

from labhelpers import Exercise, Exercises, NotYet
from labhelpers.checks import need, need_shape

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
        solution="answer = 2 * number",
        wrong=("answer = number",),
    )
    return Exercises(first, first)


def test_untouched_is_not_attempted(exercises: Exercises, capsys: Printed) -> None:
    exercises.check(1, ..., of=3)
    assert capsys.readouterr().out.startswith("Exercise 1: not attempted: replace the ...")


@pytest.mark.parametrize("answer", [(6, ...), [..., ...], ([...],)])
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
    assert said.startswith(
        f"Exercise 1: not yet: the check could not use a {type(answer).__name__}"
    )
    assert "exercises.hint(1)" in said


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
    assert capsys.readouterr().out == "Exercise 2: solution\nanswer = 2 * number\n"


@pytest.mark.parametrize("number", [0, 3, -1, "1", 1.0])
def test_an_exercise_that_is_not_there(exercises: Exercises, capsys: Printed, number: Any) -> None:
    exercises.check(number, 6, of=3)
    exercises.hint(number)
    exercises.solution(number)
    line = f"There is no exercise {number}: this lab has 1 to 2."
    assert capsys.readouterr().out.splitlines() == [line] * 3


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (3, str, "a body is text, and this is an int."),
        ("3", numbers.Real, "a body is text, and this is a str."),
        (2.5, numbers.Integral, "a body is text, and this is a float."),
        (True, numbers.Integral, "a body is text, and this is a bool."),
        ([3], numbers.Real, "a body is text, and this is a list."),
        (None, dict, "a body is text, and this is a NoneType."),
    ],
)
def test_an_answer_of_another_type_is_told_the_rule(answer: Any, kind: type, said: str) -> None:
    with pytest.raises(NotYet) as refused:
        need(answer, kind, "a body is text")
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("3", str), (np.int64(3), numbers.Integral), (3, numbers.Real), (np.float32(3), numbers.Real)],
)
def test_an_answer_of_the_type_is_let_through(answer: Any, kind: type) -> None:
    need(answer, kind, "a body is text")


def test_an_answer_that_does_not_fit_its_shape_is_told_in_boto3_s_words() -> None:
    client = boto3.Session().client("sagemaker", region_name="us-east-1")
    need_shape({"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}, client, "VpcConfig")
    with pytest.raises(
        NotYet, match=r'^boto3 would not send it\. Missing required .* "Subnets"\.$'
    ):
        need_shape({"SecurityGroupIds": ["sg-1"]}, client, "VpcConfig")
