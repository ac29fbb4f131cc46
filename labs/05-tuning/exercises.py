"""The exercises of lab 05, with their checks, hints and solutions: 1 to 3 of 05a, 4 to 6 of 05b."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
from sagemaker.core.parameter import CategoricalParameter, ContinuousParameter, IntegerParameter

from labhelpers import Exercise, Exercises, NotYet
from labhelpers.answers import as_number, as_text, need, need_value
from labhelpers.prices import HOURLY
from labhelpers.shapes import need_shape

# Exercise 2: the range of alpha.
LOWEST, HIGHEST = 0.0001, 10
# Exercise 3: the whole budget at a time.
AT_A_TIME = 20
# Exercise 4: the range of lambda.
ENDS = (0.1, 1000.0)
# What stands around such an entry in a request.
AROUND = {"ParameterRanges", "ContinuousParameterRanges"}
# Exercise 6: a search, and what its training jobs are billed for.
JOBS, SECONDS, MACHINE = 100, 90, "ml.m5.xlarge"
# How AWS reads a number that travels as a string.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def job_of_the_best(answer: Any, *, table: pd.DataFrame) -> str:
    """The number of the training job with the lowest value."""
    given = as_number(answer, "a number of jobs is a whole number", whole=True)
    values = table["FinalObjectiveValue"]
    best = int(values.idxmin())
    known = (
        (int(values.idxmax()), "that is the worst one: the metric is to be minimized."),
        (best - 1, "almost: the index of table counts the jobs from 1."),
    )
    other = f"job {given} is not the one with the lowest FinalObjectiveValue."
    need_value(given, best, 0, known, other)
    later = len(table) - best
    return f"after {best} of {len(table)} jobs. " + (
        f"Nothing better came in the {later} after it. They cost money, too, and nobody could know "
        "that before."
        if later
        else "It was the last one, so more jobs might have found a better one."
    )


def range_of_alpha(answer: Any) -> str:
    """A logarithmic continuous range."""
    if isinstance(answer, (IntegerParameter, CategoricalParameter)):
        raise NotYet("alpha is a number with decimals, and any between the two ends will do.")
    if not isinstance(answer, ContinuousParameter):
        raise NotYet(
            "a range is an IntegerParameter, a ContinuousParameter or a CategoricalParameter; this "
            f"is a {type(answer).__name__}."
        )
    rule = "each end of a range is a number"
    ends = as_number(answer.min_value, rule), as_number(answer.max_value, rule)
    if ends != (LOWEST, HIGHEST):
        raise NotYet(f"it should go from {LOWEST} to {HIGHEST}, and goes from {ends[0]:g} to "
                     f"{ends[1]:g}.")  # fmt: skip
    scales = ("Auto", "Linear", "Logarithmic", "ReverseLogarithmic")
    if answer.scaling_type not in scales:
        raise NotYet(f"a scaling_type is one of {', '.join(scales)}, with these capital letters.")
    if answer.scaling_type == "ReverseLogarithmic":
        raise NotYet("that scale looks closely at the values just below 1.")
    if answer.scaling_type != "Logarithmic":
        raise NotYet(
            "evenly spread, nine of ten tries would lie between 1 and 10. Which scaling_type "
            "treats each power of ten alike?"
        )
    return (
        "one try in five lies between 0.0001 and 0.001 now, and so on for each power of ten. (Auto "
        "leaves the choice to SageMaker.)"
    )


def informed_jobs(answer: Any) -> str:
    """How many jobs can learn from another when all run at a time."""
    given = as_number(answer, "a number of jobs is a whole number", whole=True)
    known = (
        (AT_A_TIME - 3, "that is the number with three at a time: all but the first three."),
        (AT_A_TIME - 1, "that is the number with one at a time: all but the first."),
    )
    other = "when is the first result there, and how many jobs have begun by then?"
    need_value(given, 0, 0, known, other)
    return (
        "all of them begin before the first result is there, so the search is no better than "
        "Random. With three at a time, 17 jobs have something to learn from."
    )


def range_of_lambda(answer: Any, *, client: Any) -> str:
    """An entry of ContinuousParameterRanges, held against the service model."""
    need(answer, dict, "an entry is a dict")
    if around := AROUND & set(answer):
        raise NotYet(f"give the entry alone, without the {min(around)} around it.")
    need_shape(answer, client, "ContinuousParameterRange")
    if answer["Name"] != "lambda":
        raise NotYet(f"the hyperparameter is called lambda, not {answer['Name']}.")
    for end in ("MinValue", "MaxValue"):
        if not _NUMBER.fullmatch(answer[end]):
            raise NotYet(f"{end} is a string that reads as a number, without spaces, and "
                         f"{answer[end]!r} does not.")  # fmt: skip
    ends = float(answer["MinValue"]), float(answer["MaxValue"])
    if ends != ENDS:
        raise NotYet(f"the range should go from 0.1 to 1000, and this one from {ends[0]:g} to "
                     f"{ends[1]:g}.")  # fmt: skip
    if answer.get("ScalingType", "Auto") != "Logarithmic":
        raise NotYet(
            "you leave the scale to SageMaker, or have another one. Which ScalingType treats each "
            "power of ten alike?"
        )
    return "that is what the SDK makes of a ContinuousParameter. Numbers travel as strings."


def kind_of_warm_start(answer: Any) -> str:
    """The type for data that have changed."""
    kinds = ("IdenticalDataAndAlgorithm", "TransferLearning")
    text = as_text(answer, "a WarmStartType is a string")
    if text not in kinds:
        raise NotYet(f"there are two: {' and '.join(kinds)}. Mind the spelling and the spaces.")
    if text != "TransferLearning":
        raise NotYet(
            "with more houses in them the data are not identical: an error on this year's rows "
            "says little about next year's."
        )
    return (
        "the values of this year's search no longer hold, but where it found them is a good place "
        "to begin."
    )


def price_of_a_search(answer: Any) -> str:
    """Jobs times billed hours times the price of an hour."""
    given = as_number(answer, "an amount of money is a number")
    hours = SECONDS / 3600
    expected = JOBS * hours * HOURLY[MACHINE]
    known = (
        (
            JOBS * hours * HOURLY["ml.m5.large"],
            "that is the price of an ml.m5.large; the search runs on an ml.m5.xlarge.",
        ),
        (hours * HOURLY[MACHINE], "that is one job of the hundred."),
        (JOBS * hours, "those are the hours. What does one cost?"),
        (
            JOBS * SECONDS * HOURLY[MACHINE],
            "the price is for an hour, and the jobs are billed by the second.",
        ),
    )
    other = "count the hours that all jobs are billed for, and multiply by the price."
    need_value(given, expected, 2, known, other)
    return (
        f"{expected:.3f} US dollars, however many run at a time. A search that ends sooner costs "
        "no more. It may find a worse result."
    )


exercises = Exercises(
    Exercise(
        check=job_of_the_best,
        hints=(
            "The metric is in the column FinalObjectiveValue, and less is better.",
            "pandas finds the row of the smallest value with idxmin().",
        ),
        solution='answer_1 = table["FinalObjectiveValue"].idxmin()',
        wrong=(
            'answer_1 = table["FinalObjectiveValue"].idxmax()',
            'answer_1 = table["FinalObjectiveValue"].idxmin() - 1',
            'answer_1 = table["FinalObjectiveValue"].min()',
            "answer_1 = 20",
        ),
    ),
    Exercise(
        check=range_of_alpha,
        hints=(
            "It is written like the range of eta in step 3, with one argument more.",
            "That argument is scaling_type; step 3 names the value that you need.",
        ),
        solution='answer_2 = ContinuousParameter(0.0001, 10, scaling_type="Logarithmic")',
        wrong=(
            "answer_2 = ContinuousParameter(0.0001, 10)",
            'answer_2 = ContinuousParameter(0.0001, 10, scaling_type="ReverseLogarithmic")',
            'answer_2 = ContinuousParameter(0.001, 10, scaling_type="Logarithmic")',
            "answer_2 = IntegerParameter(0, 10)",
            "answer_2 = (0.0001, 10)",
        ),
    ),
    Exercise(
        check=informed_jobs,
        hints=(
            "A job is chosen when it begins, from the results that are there at that moment.",
            "All 20 begin together.",
        ),
        solution="answer_3 = 0",
        wrong=("answer_3 = 17", "answer_3 = 19", "answer_3 = 20", "answer_3 = 0.5"),
    ),
    Exercise(
        check=range_of_lambda,
        hints=(
            "It looks like the entries of step 2, with one more.",
            "ScalingType has the values Auto, Linear, Logarithmic and ReverseLogarithmic.",
        ),
        solution=(
            'answer_4 = {"Name": "lambda", "MinValue": "0.1", "MaxValue": "1000", '
            '"ScalingType": "Logarithmic"}'
        ),
        wrong=(
            'answer_4 = {"Name": "lambda", "MinValue": "0.1", "MaxValue": "1000"}',
            'answer_4 = {"Name": "lambda", "MinValue": 0.1, "MaxValue": 1000, '
            '"ScalingType": "Logarithmic"}',
            'answer_4 = {"Name": "lambda", "MinValue": "1", "MaxValue": "1000", '
            '"ScalingType": "Logarithmic"}',
            'answer_4 = {"Name": "lambda", "MinValue": " 0.1 ", "MaxValue": "1000", '
            '"ScalingType": "Logarithmic"}',
            'answer_4 = {"Name": "lambda", "MinValue": "1_0e-2", "MaxValue": "1000", '
            '"ScalingType": "Logarithmic"}',
            'answer_4 = {"Name": "alpha", "MinValue": "0.1", "MaxValue": "1000", '
            '"ScalingType": "Logarithmic"}',
            'answer_4 = "0.1 to 1000"',
        ),
    ),
    Exercise(
        check=kind_of_warm_start,
        hints=(
            "The table of step 7 says when each of the two is for.",
            "Are next year's data the same as this year's?",
        ),
        solution='answer_5 = "TransferLearning"',
        wrong=(
            'answer_5 = "IdenticalDataAndAlgorithm"',
            'answer_5 = "transfer learning"',
            "answer_5 = 2",
        ),
    ),
    Exercise(
        check=price_of_a_search,
        hints=(
            "Step 9 does it for an ml.m5.large and 70 seconds.",
            'hourly("ml.m5.xlarge") is the price of an hour, and 90 seconds are 90 / 3600 hours.',
        ),
        solution='answer_6 = 100 * 90 / 3600 * hourly("ml.m5.xlarge")',
        wrong=(
            'answer_6 = 100 * 90 / 3600 * hourly("ml.m5.large")',
            'answer_6 = 90 / 3600 * hourly("ml.m5.xlarge")',
            'answer_6 = 100 * 90 * hourly("ml.m5.xlarge")',
            "answer_6 = 100 * 90 / 3600",
            'answer_6 = "0.575"',
        ),
    ),
    notebooks={"05a": 3, "05b": 3},
)
