"""The exercises of lab 01, with their checks, hints and solutions."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import pandas as pd

from labhelpers import Exercise, Exercises, NotYet
from labhelpers.checks import need

FLOWER = (6.3, 2.8, 5.1, 1.5)
SPECIES = ("setosa", "versicolor", "virginica")


def best_round(answer: Any, *, curve: pd.DataFrame) -> str:
    """The round with the lowest validation loss."""
    need(answer, numbers.Integral, "a round is a whole number")
    validation = curve["validation-mlogloss"]
    if answer == curve["train-mlogloss"].idxmin() != validation.idxmin():
        raise NotYet(
            "that is where the training loss is lowest. With more rounds it goes on falling; look "
            "at the flowers that the model has not seen."
        )
    if answer == validation.idxmin() + 1:
        raise NotYet("almost: XGBoost counts its rounds from 0, and so does the index of curve.")
    if answer != validation.idxmin():
        raise NotYet(f"validation loss in round {answer} is not the lowest in the table.")
    return (
        f"after round {answer} the validation loss gets no lower, though the rounds before it "
        "hardly differ. What the training loss still gains is flowers learned by heart."
    )


def one_flower(answer: Any, *, endpoint: Any) -> str:
    """A CSV body for one flower; it is sent to the endpoint."""
    need(answer, str, "the body of a request is text")
    fields = answer.strip().split(",")
    if len(fields) == len(FLOWER) + 1:
        raise NotYet("five values: a prediction needs the four measurements only, no label.")
    if len(fields) != len(FLOWER):
        raise NotYet(f"four values with commas between are needed; this has {len(fields)}.")
    try:
        numbers_given = tuple(float(field) for field in fields)
    except ValueError:
        raise NotYet("each of the four values must be a number.") from None
    if numbers_given != FLOWER:
        raise NotYet("the order must be that of the training data: sepal length, sepal width, "
                     "petal length, petal width.")  # fmt: skip
    response = endpoint.invoke(body=answer, content_type="text/csv")
    probabilities = [float(value) for value in response.body.read().decode().split(",")]
    best = int(np.argmax(probabilities))
    return (
        f"the endpoint takes it for {SPECIES[best]}, with a probability of "
        f"{probabilities[best]:.0%}."
    )


def unsure(answer: Any, *, probabilities: Any) -> str:
    """How many flowers have no class with a probability of 0.9 or more."""
    need(answer, numbers.Integral, "a number of flowers is a whole number")
    highest = np.asarray(probabilities).max(axis=1)
    expected = int((highest < 0.9).sum())
    if answer == len(highest) - expected != expected:
        raise NotYet("those are the flowers that the model is sure of.")
    if answer != expected:
        raise NotYet(
            f"{answer} is not right. The model's confidence in a flower is the largest of its "
            "three probabilities; count the flowers where that is below 0.9."
        )
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
        solution='answer = curve["validation-mlogloss"].idxmin()',
        wrong=(
            'answer = curve["train-mlogloss"].idxmin()',
            'answer = curve["validation-mlogloss"].min()',
            'answer = curve["validation-mlogloss"].idxmin() + 1',
            "answer = 0",
        ),
    ),
    Exercise(
        check=one_flower,
        hints=(
            "It looks like a line of train.csv without its first value.",
            'A string: "first,second,third,fourth".',
        ),
        solution='answer = "6.3,2.8,5.1,1.5"',
        wrong=(
            'answer = "2,6.3,2.8,5.1,1.5"',
            'answer = "2.8,6.3,1.5,5.1"',
            "answer = [6.3, 2.8, 5.1, 1.5]",
            'answer = "6.3 2.8 5.1 1.5"',
            'answer = "a,b,c,d"',
        ),
    ),
    Exercise(
        check=unsure,
        hints=(
            "probabilities is an array of one row per flower and one column per class.",
            "probabilities.max(axis=1) is the model's confidence in its answer for each flower; "
            "count how many of those are below 0.9.",
        ),
        solution="answer = (probabilities.max(axis=1) < 0.9).sum()",
        wrong=(
            "answer = (probabilities < 0.9).sum()",
            "answer = (probabilities.max(axis=1) >= 0.9).sum()",
            "answer = probabilities.max(axis=1) < 0.9",
        ),
    ),
)
