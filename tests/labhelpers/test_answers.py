"""An answer is read in any form that is right, and is told what it is if it is not."""

from __future__ import annotations

import enum
import numbers
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from labhelpers import NotYet
from labhelpers.answers import agrees, as_number, as_text, need, need_value

RULE = "a round is a number"


def refusal(call: Any, *given: Any, **more: Any) -> str:
    with pytest.raises(NotYet) as refused:
        call(*given, **more)
    return str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        15, 15.0, np.int64(15), np.int8(15), np.uint16(15), np.float64(15), np.float32(15),
        np.float16(15), np.longdouble(15), np.array(15), np.array(15.0), Fraction(30, 2),
        Decimal("15.0"), pd.Series([15]).iloc[0], pd.Series([15.0]).max(), pd.Index([3, 15])[1],
    ],
    ids=repr,
)  # fmt: skip
def test_a_number_is_one_of_python_numpy_or_pandas(answer: Any) -> None:
    assert as_number(answer, RULE) == 15
    whole = as_number(answer, RULE, whole=True)
    assert whole == 15 and type(whole) is int


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("15", "this is text. It is a number without the quotation marks."),
        (b"15", "this is text. It is a number without the quotation marks."),
        (np.str_("1.5"), "this is text. It is a number without the quotation marks."),
        ("8 dollars", "this is text. Give the number alone, without quotation marks, words and "
                      "units."),
        (True, "this is a bool."),
        (np.bool_(True), "this is a bool."),
        (np.array(True), "this is a bool."),
        (None, "this is None: the line before has returned nothing."),
        (float("nan"), "this is NaN, which comes from missing values or from 0 / 0."),
        (np.float32("nan"), "this is NaN, which comes from missing values or from 0 / 0."),
        (pd.NA, "this is a missing value."),
        (pd.NaT, "this is a missing value."),
        (float("inf"), "this is infinite."),
        (-np.inf, "this is infinite."),
        (3j, "this is a complex."),
        ([15], "this is a list."),
        ((15,), "this is a tuple."),
        ({15}, "this is a set."),
        ({}, "this is a dict."),
        (np.array([15]), "this is an array of one value: .item() takes it out."),
        (np.zeros((2, 3)), "this is an array of 6 values."),
        (pd.Series([1, 2]), "this is a Series of 2 values."),
        (pd.DataFrame({"a": [1, 2]}), "this is a DataFrame of 2 values."),
        (pd.Index([1]), "this is an Index of one value: .item() takes it out."),
        (pd.Series([1]).idxmin, "this is a method: call it, with () behind it."),
        (lambda: 15, "this is a function: call it, with () behind it."),
        (np.datetime64("2026-01-01"), "this is a date."),
    ],
)  # fmt: skip
def test_what_is_no_number_is_told_what_it_is(answer: Any, said: str) -> None:
    assert refusal(as_number, answer, RULE) == f"{RULE}, and {said}"


@pytest.mark.parametrize("answer", [15.5, np.float32(0.1), Fraction(1, 2), np.array(2.5)])
def test_what_is_not_whole_is_no_whole_number(answer: Any) -> None:
    assert as_number(answer, RULE) == float(answer)
    assert refusal(as_number, answer, RULE, whole=True).endswith("is not whole.")


class Kind(enum.Enum):
    """As the SDK's constants are."""

    ONE = "One"
    TWO = 2


@pytest.mark.parametrize("answer", ["One", b"One", bytearray(b"One"), np.str_("One"), Kind.ONE])
def test_a_text_may_be_bytes_or_a_constant(answer: Any) -> None:
    assert as_text(answer, "a body is text") == "One"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (1, "this is an int."),
        (Kind.TWO, "this is an int."),
        (["One"], "this is a list."),
        (None, "this is None: the line before has returned nothing."),
        (b"\xff", "these bytes are not UTF-8."),
        (str, "this is a type: call it, with () behind it."),
    ],
)
def test_what_is_no_text_is_told_what_it_is(answer: Any, said: str) -> None:
    assert refusal(as_text, answer, "a body is text") == f"a body is text, and {said}"


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (3, str, "a body is text, and this is an int."),
        ("3", numbers.Real, "a body is text, and this is a str."),
        (2.5, numbers.Integral, "a body is text, and this is a float."),
        (True, numbers.Integral, "a body is text, and this is a bool."),
        ([3], numbers.Real, "a body is text, and this is a list."),
    ],
)
def test_an_answer_of_another_type_is_told_the_rule(answer: Any, kind: type, said: str) -> None:
    assert refusal(need, answer, kind, "a body is text") == said


def test_an_answer_of_one_of_the_types_is_let_through() -> None:
    need((), (list, tuple), "a list is a list")
    need("3", str, "a body is text")


@pytest.mark.parametrize("answer", [9.32, 9.3173, 9.317, 9.31731, np.float32(9.3173)])
def test_a_number_is_right_as_printed_and_with_more_digits(answer: float) -> None:
    assert agrees(answer, 9.31731, 2)


@pytest.mark.parametrize("answer", [9.31, 9.3, 9.306, 9.33, 9, 0, -9.32])
def test_another_number_is_not(answer: float) -> None:
    assert not agrees(answer, 9.31731, 2)


@pytest.mark.parametrize("answer", [7.24, 7.245, 7.25])
def test_a_half_may_be_rounded_up_or_down(answer: float) -> None:
    assert agrees(answer, 63 * 0.115, 2)


KNOWN = ((3.0, "that is the root."), (0.004, "that is one of many."))


def test_a_known_mistake_is_told_what_it_is() -> None:
    need_value(9.0, 9.0, 2, KNOWN, "think again.")
    assert refusal(need_value, 3.001, 9, 2, KNOWN, "think again.") == "that is the root."
    assert refusal(need_value, 0.004, 9, 2, KNOWN, "think again.") == "that is one of many."
    assert refusal(need_value, 0.0, 9, 2, KNOWN, "think again.") == "think again."


def test_the_right_number_wins_over_a_known_mistake() -> None:
    need_value(3.0, 3.0, 2, KNOWN, "think again.")


@pytest.mark.parametrize("answer", [9.3, 9.31])
def test_a_number_that_was_rounded_too_early_is_almost_right(answer: float) -> None:
    said = refusal(need_value, answer, 9.31731, 2, (), "think again.")
    assert said == "almost, but rounded too early or cut off: the lab prints 2 decimals."


@pytest.mark.parametrize("answer", [9, 9.2, 9.306])
def test_a_number_that_is_near_is_not_almost_right(answer: float) -> None:
    assert refusal(need_value, answer, 9.31731, 2, (), "think again.") == "think again."
