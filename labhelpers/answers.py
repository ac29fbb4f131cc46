"""Reads a learner's answer: a number or a text, in any form that is right, compared as printed."""

from __future__ import annotations

import contextlib
import math
import numbers
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, overload

import numpy as np
import pandas as pd


class NotYet(Exception):
    """Raised by an exercise's check for an answer that is not correct. Says what to look at."""


def need(answer: Any, kind: type | tuple[type, ...], rule: str) -> None:
    """Raises NotYet with the rule unless an answer is of a type. True and False are not numbers.

    For example: `need(answer, dict, "VpcConfig is a dict")`.
    """
    if not isinstance(answer, kind) or isinstance(answer, bool):
        raise NotYet(f"{rule}, and this is {described(answer)}.")


@overload
def as_number(answer: Any, rule: str, *, whole: Literal[True]) -> int: ...
@overload
def as_number(answer: Any, rule: str, *, whole: bool = False) -> float: ...
def as_number(answer: Any, rule: str, *, whole: bool = False) -> float:
    """An answer as a Python number. It may be one of numpy or pandas, or an array without axes.

    With `whole`, 15.0 is 15. Raises NotYet with the rule for anything else, NaN, True and text
    included. For example: `as_number(answer, "a round is a whole number", whole=True)`.
    """
    if isinstance(answer, (np.generic, np.ndarray)) and answer.ndim == 0:
        answer = answer.item()
    if isinstance(answer, (str, bytes)):
        raise NotYet(f"{rule}, and this is text. {_advice_on_text(answer)}")
    if isinstance(answer, bool) or not isinstance(answer, (numbers.Real, Decimal)):
        raise NotYet(f"{rule}, and this is {described(answer)}.")
    value = float(answer)
    if math.isnan(value):
        raise NotYet(f"{rule}, and this is NaN, which comes from missing values or from 0 / 0.")
    if math.isinf(value):
        raise NotYet(f"{rule}, and this is infinite.")
    if whole and not value.is_integer():
        raise NotYet(f"{rule}, and {value:g} is not whole.")
    return int(value) if whole else value


def as_text(answer: Any, rule: str) -> str:
    """An answer as text. It may be bytes, or one of the SDK's constants.

    Raises NotYet with the rule for anything else. For example: `as_text(answer, "a body is text")`.
    """
    if isinstance(answer, Enum):
        answer = answer.value
    if isinstance(answer, (bytes, bytearray)):
        try:
            answer = answer.decode()
        except UnicodeDecodeError:
            raise NotYet(f"{rule}, and these bytes are not UTF-8.") from None
    need(answer, str, rule)
    return str(answer)


def agrees(answer: float, expected: float, digits: int) -> bool:
    """Whether a number is the expected one, to the decimals that the lab prints."""
    # A hair more than half of the last digit: 7.245 is stored as a little less than that.
    return bool(abs(answer - expected) <= 0.5 * 10.0**-digits + 1e-9 * abs(expected))


def need_value(
    answer: float, expected: float, digits: int, known: Iterable[tuple[float, str]], other: str
) -> None:
    """Raises NotYet unless a number agrees with the expected one.

    `known` are wrong numbers, each with what it is; `other` is said of all the others.
    """
    if agrees(answer, expected, digits):
        return
    for value, what in known:
        # A number much smaller than its last digit is not 0.
        if agrees(answer, value, digits) and math.isclose(answer, value, rel_tol=0.1):
            raise NotYet(what)
    if _too_short(answer, expected, digits):
        decimals = digits or "no"
        raise NotYet(
            f"almost, but rounded too early or cut off: the lab prints {decimals} decimals."
        )
    raise NotYet(other)


def _too_short(answer: float, expected: float, digits: int) -> bool:
    """Whether a number has fewer decimals than the lab prints, or is cut off and not rounded."""
    cut = math.trunc(expected * 10**digits) / 10**digits
    return math.isclose(answer, cut) or any(
        math.isclose(answer, round(answer, fewer)) and agrees(answer, expected, fewer)
        for fewer in range(1, digits)
    )


def _advice_on_text(answer: str | bytes) -> str:
    with contextlib.suppress(ValueError):
        float(answer)
        return "It is a number without the quotation marks."
    return "Give the number alone, without quotation marks, words and units."


def described(answer: Any) -> str:
    """What an answer is, and how a number or a text can be had of it."""
    if answer is None:
        return "None: the line before has returned nothing"
    if answer is pd.NA or answer is pd.NaT:
        return "a missing value"
    name = "array" if isinstance(answer, np.ndarray) else type(answer).__name__
    described = f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
    if callable(answer):
        return f"{described}: call it, with () behind it"
    if not isinstance(answer, (pd.DataFrame, pd.Series, pd.Index, np.ndarray)):
        return described
    if answer.size == 1 and not isinstance(answer, pd.DataFrame):
        return f"{described} of one value: .item() takes it out"
    return f"{described} of {answer.size} values"
