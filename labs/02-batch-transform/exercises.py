"""The exercises of lab 02, with their checks, hints and solutions: 1 to 3 of 02a, 4 to 6 of 02b."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd

from labhelpers import Exercise, Exercises, NotYet
from labhelpers.answers import as_number, as_text, need, need_value
from labhelpers.shapes import need_shape

# Exercise 2: what one flower takes in the file (with its newline), how many there are, and how
# much goes into a request.
LINE, FLOWERS, PAYLOAD = 16, 1_000_000, 6 * 1024**2
PATIENCE = 3
# Positions in brackets. A position has no leading zeros.
_INDEX = r"-?(?:0|[1-9][0-9]*)"
_INDICES = re.compile(rf"\$\[\s*({_INDEX}(?:\s*,\s*{_INDEX})*)\s*\]")
# Filters that keep the whole row, and filters that leave out its first column of thirteen.
_WHOLE_ROW = ("$", "$[0:]", "$[:]", "$[*]", "$[-14:]", f"$[{','.join(map(str, range(14)))}]")
_WITHOUT_FIRST = ("$[1:]", "$[-12:]", f"$[{','.join(map(str, range(1, 13)))}]")


def output_filter(answer: Any, *, joined: pd.DataFrame) -> str:
    """A JSONPath that keeps the flower's name and the predicted class of a joined row."""
    text = as_text(answer, "a filter is text")
    if text != text.strip():
        raise NotYet("there are spaces around it, and a filter begins with $.")
    if not text.startswith("$"):
        raise NotYet("a filter begins with $, which stands for the whole row.")
    if ":" in text:
        raise NotYet("a range keeps everything between its ends, and these two are far apart.")
    found = _INDICES.fullmatch(text)
    if not found:
        raise NotYet(
            "a row of CSV has no names, only positions: $ and then numbers in square brackets, "
            "with commas between them."
        )
    columns = list(joined.columns)
    positions = [int(index) for index in found[1].split(",")]
    try:
        kept = [columns[position] for position in positions]
    except IndexError:
        raise NotYet(f"a joined row has {len(columns)} columns, and they count from 0.") from None
    if len(set(kept)) < len(kept):
        raise NotYet(f"that keeps a column twice: {', '.join(kept)}.")
    missing = [name for name in ("flower", "predicted") if name not in kept]
    if missing:
        raise NotYet(f"that keeps {', '.join(kept)}, without {' and '.join(missing)}.")
    if len(kept) > 2:
        raise NotYet(f"that keeps {', '.join(kept)}, and two columns were asked for.")
    return (
        "two columns are left, the name and the class. With names in it, the result needs no "
        "particular order: its reader finds each flower again."
    )


def requests(answer: Any) -> str:
    """How many requests a million flowers make."""
    rule = "a number of requests is a whole number"
    given = as_number(answer, "a number of requests is a number")
    expected = math.ceil(FLOWERS / (PAYLOAD // LINE))
    if expected - 1 <= given < expected:
        raise NotYet("what is left over needs a request, too: round up.")
    known = (
        (FLOWERS, "that is SingleRecord: every line a request of its own."),
        (1, "all of them together are larger than 6 MB."),
        (FLOWERS * LINE, "that is the size of the file in bytes. How often is 6 MB in it?"),
    )
    other = "compare the size of the whole file with the size of one request."
    need_value(as_number(answer, rule, whole=True), expected, 0, known, other)
    return (
        f"{expected} requests, for a million flowers. With SingleRecord there would be a million, "
        "and most of the time would go into sending them. The model's answers are the same."
    )


def month_of_jobs(answer: Any, *, price: float) -> str:
    """What 30 days of a six-minute job an hour cost."""
    given = as_number(answer, "an amount of money is a number")
    endpoint = 30 * 24 * price
    expected = endpoint / 10
    known = (
        (
            endpoint,
            "that is the endpoint, which works all the time; a job works 6 minutes of each hour.",
        ),
        (30 * 24 / 10, "those are the hours that all jobs work. What does one cost?"),
        (expected / (30 * 24), "that is one job. There is one every hour, for 30 days."),
        (expected / 30, "that is one day."),
        (31 * expected / 30, "that is a month of 31 days."),
        (60 * expected, "the price is for an hour, and 6 minutes are a tenth of one."),
    )
    other = (
        "count the hours that all jobs work together, and multiply them by the price of an hour."
    )
    need_value(given, expected, 2, known, other)
    return (
        f"{expected:.2f} US dollars a month, a tenth of the endpoint's {endpoint:.2f}, because the "
        "machine works six minutes of every sixty. The price is patience: a prediction is up to "
        "an hour old."
    )


def impatient(answer: Any, *, curve: pd.DataFrame) -> str:
    """The round after which training stops with a patience of three."""
    given = as_number(answer, "a round is a whole number", whole=True)
    loss = curve["validation-rmse"].to_numpy()
    best = 0
    for last in range(len(loss)):
        if loss[last] < loss[best]:
            best = last
        if last - best >= PATIENCE:
            break
    known = (
        (best, "that is the best round until then; it goes on for three rounds more."),
        (
            int(loss.argmin()) + PATIENCE,
            "it does not get that far: look for the first time that three rounds go by.",
        ),
        (last + 1, "almost: the rounds count from 0, and so does the index of curve."),
    )
    other = (
        f"not in round {given}. Go through the rounds from the first: remember the lowest "
        "validation loss so far, and count the rounds since."
    )
    need_value(given, last, 0, known, other)
    return (
        f"it stops after round {last} and keeps round {best}, with {loss[best]:.3f}. The lowest "
        f"loss of all rounds is {loss.min():.3f}, in round {loss.argmin()}: less patience is less "
        "work, and may miss a better model."
    )


def data_processing(answer: Any, *, client: Any) -> str:
    """DataProcessing that hides a row's first column from the model and joins the whole row."""
    need(answer, dict, "DataProcessing is a dict")
    need_shape(answer, client, "DataProcessing")
    if answer.get("JoinSource", "None") != "Input":
        raise NotYet("nothing is joined: the output would hold the predictions alone.")
    after = answer.get("OutputFilter", "$").replace(" ", "")
    if after not in _WHOLE_ROW:
        raise NotYet(f"the OutputFilter {after} takes something away: the whole row is wanted.")
    before = answer.get("InputFilter", "$").replace(" ", "")
    if before in _WHOLE_ROW:
        raise NotYet("the model would get the number of the house, too.")
    if re.fullmatch(r"\$\[1:1[234]\]", before):
        raise NotYet(
            f"leave the end of {before} open. AWS's guide contradicts itself about whether a range "
            "includes its end."
        )
    if before not in _WITHOUT_FIRST:
        raise NotYet(f"with the filter {before} the model does not get the columns 1 to 12.")
    return (
        'in the SDK the same is input_filter="$[1:]" and join_source="Input". The names differ, '
        "the request is one and the same."
    )


def baseline(answer: Any, *, train: pd.DataFrame, test: pd.DataFrame) -> str:
    """The error of always guessing the mean price of the training rows."""
    given = as_number(answer, "an error is one number")
    true = test["MEDV"].to_numpy()
    guess = float(train["MEDV"].mean())

    def error(guess: float) -> float:
        return float(np.sqrt(np.mean((true - guess) ** 2)))

    expected = error(guess)
    known = (
        (
            error(float(true.mean())),
            "that is the mean of the test prices. Whoever guesses does not know them: take the "
            "mean of the training rows.",
        ),
        (expected**2, "that is the mean squared error; take its root."),
        (guess, "that is the guess. How far is it from the true prices?"),
        (
            float(np.abs(true - guess).mean()),
            "that is the mean of the errors without their sign. Square them, and take the root of "
            "the mean.",
        ),
        (
            float(np.sqrt(np.mean((train["MEDV"] - guess) ** 2))),
            "that is how far the training rows are from their mean. Guess for the test rows.",
        ),
    )
    need_value(
        given, expected, 2, known, "compute it as step 7 does, with one guess as the predictions."
    )
    return (
        f"{expected:.2f} thousand dollars is the error of somebody who knows one number only. A "
        "model is of use if its error is clearly smaller."
    )


exercises = Exercises(
    Exercise(
        check=output_filter,
        hints=(
            "Count the columns of the table in step 6 from 0. From the end they count -1, -2, …",
            "$[2,3] would keep the third column and the fourth.",
        ),
        solution='answer_1 = "$[0,-2]"',
        wrong=(
            'answer_1 = "$[0,-1]"',
            'answer_1 = "$[0,6,0]"',
            'answer_1 = "$[0,5,6]"',
            'answer_1 = "$[1,7]"',
            'answer_1 = "$[0,8]"',
            'answer_1 = "$[0:6]"',
            "answer_1 = \"$['flower','predicted']\"",
            'answer_1 = "[0,6]"',
            "answer_1 = [0, 6]",
        ),
    ),
    Exercise(
        check=requests,
        hints=(
            "MultiRecord puts as many whole lines into a request as max_payload allows, and "
            "max_payload is 6 MB: 6 * 1024 * 1024 bytes.",
            "How many bytes has the whole file? How often are 6 MB in it?",
        ),
        solution="answer_2 = math.ceil(1_000_000 * 16 / (6 * 1024 * 1024))",
        wrong=(
            "answer_2 = 1_000_000",
            "answer_2 = 1",
            "answer_2 = 1_000_000 * 16 // (6 * 1024 * 1024)",
            "answer_2 = 1_000_000 * 16 / (6 * 1024 * 1024)",
            "answer_2 = 1_000_000 / 6",
            'answer_2 = "three"',
        ),
    ),
    Exercise(
        check=month_of_jobs,
        hints=(
            "Six minutes are a tenth of an hour.",
            "30 days of 24 hours, a tenth of each: how many hours are those at `price`?",
        ),
        solution="answer_3 = 30 * 24 * 0.1 * price",
        wrong=(
            "answer_3 = 30 * 24 * price",
            "answer_3 = 0.1 * price",
            "answer_3 = 24 * 0.1 * price",
            "answer_3 = 30 * 24 * 6 * price",
            "answer_3 = 30 * 24 * 0.1",
            'answer_3 = "8.28 US dollars"',
        ),
    ),
    Exercise(
        check=impatient,
        hints=(
            "It is not three rounds after the best of all: training does not know the future.",
            'Go through curve["validation-rmse"] from the first round. Remember in which round '
            "it was lowest until now, and stop when that is three rounds ago.",
        ),
        solution="""\
kept = 0
for last, loss in curve["validation-rmse"].items():
    if loss < curve["validation-rmse"][kept]:
        kept = last
    if last - kept >= 3:
        break
answer_4 = last""",
        wrong=(
            'answer_4 = curve["validation-rmse"].idxmin()',
            'answer_4 = curve["validation-rmse"].idxmin() + 3',
            'answer_4 = curve["validation-rmse"].head(18).idxmin()',
            'answer_4 = curve["validation-rmse"].min()',
            "answer_4 = 3",
        ),
    ),
    Exercise(
        check=data_processing,
        hints=(
            "Two keys are enough: what the model gets, and what is joined to its answer.",
            "$[1:] is a row without its first column. The keys are InputFilter and JoinSource.",
        ),
        solution='answer_5 = {"InputFilter": "$[1:]", "JoinSource": "Input"}',
        wrong=(
            'answer_5 = {"InputFilter": "$[1:]"}',
            'answer_5 = {"JoinSource": "Input"}',
            'answer_5 = {"InputFilter": "$[0]", "JoinSource": "Input"}',
            'answer_5 = {"InputFilter": "$[1:13]", "JoinSource": "Input"}',
            'answer_5 = {"InputFilter": "$[1:]", "JoinSource": "input"}',
            'answer_5 = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}',
            'answer_5 = {"input_filter": "$[1:]", "join_source": "Input"}',
            'answer_5 = "$[1:]"',
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
answer_6 = np.sqrt(((parts.test["MEDV"] - guess) ** 2).mean())""",
        wrong=(
            'answer_6 = parts.test["MEDV"].std(ddof=0)',
            'answer_6 = ((parts.test["MEDV"] - parts.train["MEDV"].mean()) ** 2).mean()',
            'answer_6 = parts.train["MEDV"].mean()',
            'answer_6 = (parts.test["MEDV"] - parts.train["MEDV"].mean()).abs().mean()',
            'answer_6 = parts.test["MEDV"] - parts.train["MEDV"].mean()',
        ),
    ),
    notebooks={"02a": 3, "02b": 3},
)
