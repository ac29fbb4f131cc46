"""The exercises of lab 01, with their checks, hints and solutions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from labhelpers import Exercise, Exercises, NotYet
from labhelpers.answers import as_number, as_text, need_value
from labhelpers.gone import Gone, still_there

FLOWER = (6.3, 2.8, 5.1, 1.5)
SPECIES = ("setosa", "versicolor", "virginica")


def best_round(answer: Any, *, curve: pd.DataFrame) -> str:
    """The round with the lowest validation loss."""
    given = as_number(answer, "a round is a whole number", whole=True)
    best = int(curve["validation-mlogloss"].idxmin())
    known = (
        (
            int(curve["train-mlogloss"].idxmin()),
            "that is where the training loss is lowest. With more rounds it goes on falling; look "
            "at the flowers that the model has not seen.",
        ),
        (
            best + 1,
            "almost: XGBoost counts its rounds from 0, and so does the index of curve.",
        ),
    )
    other = f"validation loss in round {given} is not the lowest in the table."
    need_value(given, best, 0, known, other)
    return (
        f"after round {best} the validation loss gets no lower. The training loss still falls, "
        "but by flowers that the model learns by heart."
    )


def one_flower(answer: Any, *, endpoint: Any) -> str:
    """A CSV body for one flower; it is sent to the endpoint."""
    body = as_text(answer, "the body of a request is text").strip()
    if _numbers(body) != FLOWER:
        raise NotYet(
            "the order must be that of the training data: sepal length, sepal width, petal "
            "length, petal width."
            if sorted(_numbers(body)) == sorted(FLOWER)
            else "these are not the four numbers of the flower: 6.3, 2.8, 5.1 and 1.5."
        )
    right = "sepals, petals and no label, in the order of the training data."
    try:
        with still_there("endpoint", "step 8"):
            response = endpoint.invoke(body=body, content_type="text/csv")
    except Gone as gone:
        # The answer can be judged without it.
        return f"{right} What the model thinks cannot be asked now: {gone}"
    probabilities = [float(value) for value in response.body.read().decode().split(",")]
    best = int(np.argmax(probabilities))
    return (
        f"the endpoint takes it for {SPECIES[best]}, with a probability of "
        f"{probabilities[best]:.0%}."
    )


def _numbers(body: str) -> tuple[float, ...]:
    """The four numbers of a line of CSV. Raises NotYet for anything else."""
    if len(body.splitlines()) > 1:
        raise NotYet("a line is a flower, and there is only one flower.")
    fields = body.split(",")
    if fields[-1].strip() == "" and len(fields) > 1:
        raise NotYet("nothing stands behind the last comma; commas go between the values.")
    if len(fields) == len(FLOWER) + 1:
        raise NotYet("five values: a prediction needs the four measurements only, no label.")
    if len(fields) != len(FLOWER):
        raise NotYet(
            f"four values with commas between them are needed; this has {len(fields)}, counted by "
            "the commas."
        )
    try:
        found = tuple(float(field) for field in fields)
    except ValueError:
        found = ()
    if not found or not all(math.isfinite(value) for value in found):
        raise NotYet("each of the four values must be a number.")
    return found


def unsure(answer: Any, *, probabilities: Any) -> str:
    """How many flowers have no class with a probability of 0.9 or more."""
    given = as_number(answer, "a number of flowers is a whole number", whole=True)
    highest = np.asarray(probabilities).max(axis=1)
    expected = int((highest < 0.9).sum())
    known = (
        (len(highest) - expected, "those are the flowers that the model is sure of."),
        (
            int((np.asarray(probabilities) < 0.9).sum()),
            "those are probabilities, and each flower has three. Take the largest of each flower.",
        ),
    )
    other = (
        f"{given} is not right. The model's confidence in a flower is the largest of its "
        "three probabilities; count the flowers where that is below 0.9."
    )
    need_value(given, expected, 0, known, other)
    return (
        f"{expected} of {len(highest)} flowers. With the objective multi:softmax the model would "
        "have answered with a class number only, and kept its doubts to itself."
    )


exercises = Exercises(
    Exercise(
        check=best_round,
        hints=(
            "curve is a table with one row per round. Which of its columns is about flowers that "
            "the training did not see?",
            "pandas finds the row of the smallest value with idxmin().",
        ),
        solution='answer_1 = curve["validation-mlogloss"].idxmin()',
        wrong=(
            'answer_1 = curve["train-mlogloss"].idxmin()',
            'answer_1 = curve["validation-mlogloss"].min()',
            'answer_1 = curve["validation-mlogloss"].idxmin() + 1',
            'answer_1 = curve["validation-mlogloss"].idxmin',
            "answer_1 = 0",
        ),
    ),
    Exercise(
        check=one_flower,
        hints=(
            "It looks like a line of train.csv without its first value.",
            'A string: "first,second,third,fourth".',
        ),
        solution='answer_2 = "6.3,2.8,5.1,1.5"',
        wrong=(
            'answer_2 = "2,6.3,2.8,5.1,1.5"',
            'answer_2 = "2.8,6.3,1.5,5.1"',
            "answer_2 = [6.3, 2.8, 5.1, 1.5]",
            'answer_2 = "6.3 2.8 5.1 1.5"',
            'answer_2 = "6.3,2.8,5.1,1.5,"',
            'answer_2 = "a,b,c,d"',
        ),
    ),
    Exercise(
        check=unsure,
        hints=(
            "probabilities is an array of one row per flower and one column per class.",
            "probabilities.max(axis=1) is the model's confidence in its answer for each flower; "
            "count how many of those are below 0.9.",
        ),
        solution="answer_3 = (probabilities.max(axis=1) < 0.9).sum()",
        wrong=(
            "answer_3 = (probabilities < 0.9).sum()",
            "answer_3 = (probabilities.max(axis=1) >= 0.9).sum()",
            "answer_3 = probabilities.max(axis=1) < 0.9",
        ),
    ),
)
