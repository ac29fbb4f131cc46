"""The exercises of lab 02, with their checks, hints and solutions: 1 to 3 of 02a, 4 to 6 of 02b."""

from __future__ import annotations

import math
import numbers
import re
from typing import Any

import numpy as np
import pandas as pd

from labhelpers import Exercise, Exercises, NotYet
from labhelpers.checks import need, need_shape

# Exercise 2: what one flower takes in the file (with its newline), how many there are, and how
# much goes into a request.
LINE, FLOWERS, PAYLOAD = 16, 1_000_000, 6 * 1024**2
PATIENCE = 3
_INDICES = re.compile(r"\$\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]")


def output_filter(answer: Any, *, joined: pd.DataFrame) -> str:
    """A JSONPath that keeps the flower's name and the predicted class of a joined row."""
    need(answer, str, "a filter is text")
    if not answer.startswith("$"):
        raise NotYet("a filter begins with $, which stands for the whole row.")
    if ":" in answer:
        raise NotYet("a range keeps everything between its ends, and these two are far apart.")
    found = _INDICES.fullmatch(answer.strip())
    if not found:
        raise NotYet(
            "a row of CSV has no names, only positions: $ and then numbers in square brackets."
        )
    columns = list(joined.columns)
    try:
        kept = [columns[int(index)] for index in found[1].split(",")]
    except IndexError:
        raise NotYet(f"a joined row has {len(columns)} columns, and they count from 0.") from None
    if kept != ["flower", "predicted"]:
        raise NotYet(f"that keeps {', '.join(kept)}.")
    return (
        "two columns are left, the name and the class. With the names in it the result needs no "
        "particular order: whoever reads it can find each flower again."
    )


def requests(answer: Any) -> str:
    """How many requests a million flowers make."""
    need(answer, numbers.Real, "a number of requests is a number")
    expected = math.ceil(FLOWERS / (PAYLOAD // LINE))
    if answer == FLOWERS:
        raise NotYet("that is SingleRecord: every line a request of its own.")
    if answer == 1:
        raise NotYet("all of them together are larger than 6 MB.")
    if expected - 1 <= answer < expected:
        raise NotYet("what is left over needs a request, too: round up.")
    if answer != expected:
        raise NotYet("compare the size of the whole file with the size of one request.")
    return (
        f"{expected} requests, for a million flowers. With SingleRecord there would be a million, "
        "and most of the time would go into sending them. The model's answers are the same."
    )


def month_of_jobs(answer: Any, *, price: float) -> str:
    """What 30 days of a six-minute job an hour cost."""
    need(answer, numbers.Real, "an amount of money is a number")
    endpoint = 30 * 24 * price
    expected = endpoint / 10
    if math.isclose(answer, endpoint, rel_tol=0.01):
        raise NotYet("that is the endpoint, which works all the time; a job works 6 minutes.")
    if math.isclose(answer, expected / (30 * 24), rel_tol=0.01):
        raise NotYet("that is one job. There is one every hour, for 30 days.")
    if math.isclose(answer, expected / 30, rel_tol=0.01):
        raise NotYet("that is one day.")
    if not math.isclose(answer, expected, rel_tol=0.01):
        raise NotYet(
            "count the hours that all jobs work together, and multiply them by the price of an "
            "hour."
        )
    return (
        f"{expected:.2f} US dollars a month, a tenth of the endpoint's {endpoint:.2f}, because the "
        "machine works six minutes of every sixty. Who asks gets an answer up to an hour late."
    )


def impatient(answer: Any, *, curve: pd.DataFrame) -> str:
    """The round after which training stops with a patience of three."""
    need(answer, numbers.Integral, "a round is a whole number")
    loss = curve["validation-rmse"].to_numpy()
    best = 0
    for last in range(len(loss)):
        if loss[last] < loss[best]:
            best = last
        if last - best >= PATIENCE:
            break
    if answer == best:
        raise NotYet("that is the best round until then; it goes on for three rounds more.")
    if answer == loss.argmin() + PATIENCE:
        raise NotYet("it does not get that far: look for the first time that three rounds go by.")
    if answer != last:
        raise NotYet(
            f"not in round {answer}. Go through the rounds from the first: remember the lowest "
            "validation loss so far, and count the rounds since."
        )
    return (
        f"it stops after round {last} and keeps round {best}, with {loss[best]:.3f}. Ten rounds of "
        f"patience found {loss.min():.3f} in round {loss.argmin()}: less patience is less work, "
        "and a worse model."
    )


def data_processing(answer: Any, *, client: Any) -> str:
    """DataProcessing that hides a row's first column from the model and joins the whole row."""
    need(answer, dict, "DataProcessing is a dict")
    need_shape(answer, client, "DataProcessing")
    if answer.get("JoinSource", "None") != "Input":
        raise NotYet("nothing is joined: the output would hold the predictions alone.")
    if answer.get("OutputFilter", "$") != "$":
        raise NotYet("the OutputFilter takes something away, and the whole row is wanted.")
    before = answer.get("InputFilter", "$").replace(" ", "")
    if before == "$":
        raise NotYet("the model would get the number of the house, too.")
    if before not in ("$[1:]", "$[-12:]", f"$[{','.join(map(str, range(1, 13)))}]"):
        raise NotYet(f"with the filter {before} the model does not get the columns 1 to 12.")
    return (
        'in the SDK the same is input_filter="$[1:]" and join_source="Input". The names differ, '
        "the request is one and the same."
    )


def baseline(answer: Any, *, train: pd.DataFrame, test: pd.DataFrame) -> str:
    """The error of always guessing the mean price of the training rows."""
    need(answer, numbers.Real, "an error is one number")
    true = test["MEDV"].to_numpy()

    def error(guess: float) -> float:
        return float(np.sqrt(np.mean((true - guess) ** 2)))

    expected = error(train["MEDV"].mean())
    if math.isclose(answer, error(true.mean()), rel_tol=1e-6):
        raise NotYet(
            "that is the mean of the test prices. Whoever guesses does not know them: take the "
            "mean of the training rows."
        )
    if math.isclose(answer, expected**2, rel_tol=1e-6):
        raise NotYet("that is the mean squared error; take its root.")
    if math.isclose(answer, train["MEDV"].mean(), rel_tol=1e-6):
        raise NotYet("that is the guess. How far is it from the true prices?")
    if not math.isclose(answer, expected, rel_tol=1e-6):
        raise NotYet("compute it as step 7 does, with one guess in place of the predictions.")
    return (
        f"{expected:.2f}, in thousands of dollars, for somebody who knows nothing but one number. "
        "A model is worth what it is better than that."
    )


exercises = Exercises(
    Exercise(
        check=output_filter,
        hints=(
            "Count the columns of the table in step 6 from 0. From the end they count -1, -2, …",
            "$[2,3] would keep the third column and the fourth.",
        ),
        solution='answer = "$[0,-2]"',
        wrong=(
            'answer = "$[0,-1]"',
            'answer = "$[1,7]"',
            'answer = "$[0,8]"',
            'answer = "$[0:6]"',
            "answer = \"$['flower','predicted']\"",
            'answer = "[0,6]"',
            "answer = [0, 6]",
        ),
    ),
    Exercise(
        check=requests,
        hints=(
            "MultiRecord puts as many whole lines into a request as max_payload allows, and "
            "max_payload is 6 MB: 6 * 1024 * 1024 bytes.",
            "How many bytes has the whole file? How often are 6 MB in it?",
        ),
        solution="answer = math.ceil(1_000_000 * 16 / (6 * 1024 * 1024))",
        wrong=(
            "answer = 1_000_000",
            "answer = 1",
            "answer = 1_000_000 * 16 // (6 * 1024 * 1024)",
            "answer = 1_000_000 * 16 / (6 * 1024 * 1024)",
            "answer = 1_000_000 / 6",
            'answer = "three"',
        ),
    ),
    Exercise(
        check=month_of_jobs,
        hints=(
            "Six minutes are a tenth of an hour.",
            "30 days of 24 hours, a tenth of each: how many hours are those at `price`?",
        ),
        solution="answer = 30 * 24 * 0.1 * price",
        wrong=(
            "answer = 30 * 24 * price",
            "answer = 0.1 * price",
            "answer = 24 * 0.1 * price",
            "answer = 30 * 24 * 6 * price",
            'answer = "8.28 US dollars"',
        ),
    ),
    Exercise(
        check=impatient,
        hints=(
            "It is not three rounds after the best of all: training does not know what comes.",
            'Go through curve["validation-rmse"] from the first round. Remember in which round '
            "it was lowest until now, and stop when that is three rounds ago.",
        ),
        solution="""\
best = 0
for last, loss in curve["validation-rmse"].items():
    if loss < curve["validation-rmse"][best]:
        best = last
    if last - best >= 3:
        break
answer = last""",
        wrong=(
            'answer = curve["validation-rmse"].idxmin()',
            'answer = curve["validation-rmse"].idxmin() + 3',
            'answer = curve["validation-rmse"].head(18).idxmin()',
            'answer = curve["validation-rmse"].min()',
            "answer = 3",
        ),
    ),
    Exercise(
        check=data_processing,
        hints=(
            "Two keys are enough: what the model gets, and what is joined to its answer.",
            "$[1:] is a row without its first column. The keys are InputFilter and JoinSource.",
        ),
        solution='answer = {"InputFilter": "$[1:]", "JoinSource": "Input"}',
        wrong=(
            'answer = {"InputFilter": "$[1:]"}',
            'answer = {"JoinSource": "Input"}',
            'answer = {"InputFilter": "$[0]", "JoinSource": "Input"}',
            'answer = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}',
            'answer = {"input_filter": "$[1:]", "join_source": "Input"}',
            'answer = "$[1:]"',
        ),
    ),
    Exercise(
        check=baseline,
        hints=(
            'The guess is parts.train["MEDV"].mean(), the same for each house of parts.test.',
            "Step 7 computes the error of the predictions: the root of the mean of the squared "
            "differences. Put the guess where the predictions stand.",
        ),
        solution="""\
guess = parts.train["MEDV"].mean()
answer = np.sqrt(((parts.test["MEDV"] - guess) ** 2).mean())""",
        wrong=(
            'answer = parts.test["MEDV"].std(ddof=0)',
            'answer = ((parts.test["MEDV"] - parts.train["MEDV"].mean()) ** 2).mean()',
            'answer = parts.train["MEDV"].mean()',
            'answer = (parts.test["MEDV"] - parts.train["MEDV"].mean()).abs().mean()',
            'answer = parts.test["MEDV"] - parts.train["MEDV"].mean()',
        ),
    ),
)
