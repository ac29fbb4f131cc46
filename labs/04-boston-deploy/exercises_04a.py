"""The exercises of lab 04a, with their checks, hints and solutions."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from labhelpers import Exercise, NotYet
from labhelpers.answers import agrees, as_number, need_value

# Exercise 2: more parts than any right answer has. A function that goes on for ever is stopped.
MANY = 100
# Exercise 3: from Friday 18:00 to Monday 9:00, at the price of an ml.m5.large.
WEEKEND, PRICE = 63, 0.115


def mean_absolute_error(answer: Any, *, true: Any, predicted: Any) -> str:
    """The mean absolute error in dollars."""
    given = as_number(answer, "an error is one number")
    errors = 1000 * (np.asarray(predicted) - np.asarray(true))
    expected = float(np.abs(errors).mean())
    rmse = float(np.sqrt((errors**2).mean()))
    known = (
        (rmse, "that is the RMSE. Take the errors without their sign, and do not square."),
        (
            float(errors.mean()),
            "too much and too little cancel each other there: take abs of each error.",
        ),
        (float(np.median(np.abs(errors))), "that is the median; take the mean."),
    )
    if agrees(given, expected / 1000, 2):
        raise NotYet("that is in thousands of dollars, the unit of MEDV.")
    other = "it is the mean of the errors without their sign, times 1000."
    need_value(given, expected, 0, known, other)
    return (
        f"{expected:,.0f} dollars, where the RMSE is {rmse:,.0f}. The more a few large mistakes "
        "stand out from the others, the further the two are apart."
    )


def pack(answer: Any) -> str:
    """A function that puts as many lines into each part as fit."""
    if not callable(answer):
        raise NotYet(
            f"the answer is the function itself, and this is a {type(answer).__name__}: "
            "answer_2 = pack, without brackets."
        )
    cases: tuple[tuple[list[str], int], ...] = (
        (["aaa", "bb", "c", "dddd"], 8),
        (["aaa"] * 4, 8),
        (["a" * 30, "b", "c" * 29, "d"], 31),
        ([], 10),
    )
    for lines, limit in cases:
        shown = f"pack({lines!r}, {limit})"
        found = _parts(answer, lines, limit, shown)
        if [line for part in found for line in part] != lines:
            raise NotYet(f"{shown} does not give back all lines in order: {found!r}.")
        if any(not part for part in found):
            raise NotYet(f"{shown} makes an empty part, which would be a request for nothing.")
        sizes = [sum(len(line) + 1 for line in part) for part in found]
        if any(size > limit for size in sizes):
            raise NotYet(f"{shown} makes parts of {sizes} bytes. Count the end of each line, too.")
        following = [part[0] for part in found[1:]]
        if any(
            size + len(line) + 1 <= limit for size, line in zip(sizes[:-1], following, strict=True)
        ):
            raise NotYet(f"{shown} gives {found!r}: there was room for one line more in a part.")
    return "as few requests as possible, and each row in one piece."


def _parts(answer: Any, lines: list[str], limit: int, shown: str) -> list[list[str]]:
    """What a learner's function returns, as lists. Raises NotYet if it cannot be read."""
    try:
        returned = answer(list(lines), limit)
    except Exception as error:
        raise NotYet(f"{shown} raises {type(error).__name__}: {error}.") from None
    if returned is None:
        raise NotYet(f"{shown} returns None. Has the function a return?")
    try:
        return [list(part) for part in islice(returned, MANY)]
    except Exception as error:
        raise NotYet(f"{shown} does not return a list of lists ({error}).") from None


def weekend(answer: Any) -> str:
    """What an endpoint costs from Friday 18:00 to Monday 9:00."""
    given = as_number(answer, "an amount of money is a number")
    expected = WEEKEND * PRICE
    known = (
        (WEEKEND, "those are the hours. What does one cost?"),
        (72 * PRICE, "that is three whole days; it is nine hours less."),
        (48 * PRICE, "those are two whole days. Friday evening and Monday morning count, too."),
    )
    other = "count the hours from Friday 18:00 to Monday 9:00, and multiply them by 0.115."
    need_value(given, expected, 2, known, other)
    return (
        f"{expected:.2f} US dollars for {WEEKEND} hours in which nobody asked anything. A "
        "month of two larger machines can cost a thousand dollars and more."
    )


EXERCISES = (
    Exercise(
        check=mean_absolute_error,
        hints=(
            "predicted - true are the errors; np.abs takes their signs away.",
            "MEDV is in thousands of dollars, so the mean has to be multiplied by 1000.",
        ),
        solution="answer_1 = 1000 * np.abs(predicted - true).mean()",
        wrong=(
            "answer_1 = np.abs(predicted - true).mean()",
            "answer_1 = 1000 * np.sqrt(((predicted - true) ** 2).mean())",
            "answer_1 = 1000 * (predicted - true).mean()",
            "answer_1 = 1000 * np.median(np.abs(predicted - true))",
            "answer_1 = np.abs(predicted - true)",
        ),
    ),
    Exercise(
        check=pack,
        hints=(
            "Go through the lines and remember how many bytes the current part has.",
            "If the next line would make the current part too large, begin a new part with it.",
        ),
        solution="""\
def pack(lines, limit):
    parts, size = [], limit
    for line in lines:
        if size + len(line) + 1 > limit:
            parts.append([])
            size = 0
        parts[-1].append(line)
        size += len(line) + 1
    return parts


answer_2 = pack""",
        wrong=(
            "answer_2 = lambda lines, limit: [[line] for line in lines]",
            "answer_2 = lambda lines, limit: [lines]",
            "answer_2 = lambda lines, limit: [lines[::2], lines[1::2]]",
            "answer_2 = lambda lines, limit: [lines[n : n + 2] for n in range(0, len(lines), 2)]",
            "answer_2 = lambda lines, limit: [[], *[[line] for line in lines]]",
            "answer_2 = chunks",
        ),
    ),
    Exercise(
        check=weekend,
        hints=(
            "6 hours are left of Friday, then come two whole days and 9 hours of Monday.",
            "6 + 24 + 24 + 9 hours, times the price of an hour.",
        ),
        solution="answer_3 = (6 + 24 + 24 + 9) * 0.115",
        wrong=(
            "answer_3 = 6 + 24 + 24 + 9",
            "answer_3 = 3 * 24 * 0.115",
            "answer_3 = 2 * 24 * 0.115",
            'answer_3 = "7.25 US dollars"',
        ),
    ),
)
