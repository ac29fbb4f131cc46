"""The exercises of lab 05, with their checks, hints and solutions: 1 to 3 of 05a, 4 to 6 of 05b."""

from __future__ import annotations

import math
import numbers
from typing import Any

import pandas as pd
from sagemaker.core.parameter import CategoricalParameter, ContinuousParameter, IntegerParameter

from labhelpers import Exercise, Exercises, NotYet
from labhelpers.checks import need, need_shape
from labhelpers.prices import HOURLY

# Exercise 2: the range of alpha.
LOWEST, HIGHEST = 0.0001, 10
# Exercise 3: the whole budget at a time.
AT_A_TIME = 20
# Exercise 4: the range of lambda.
ENDS = (0.1, 1000.0)
# Exercise 6: a search, and what its training jobs are billed for.
JOBS, SECONDS, MACHINE = 100, 90, "ml.m5.xlarge"


def job_of_the_best(answer: Any, *, table: pd.DataFrame) -> str:
    """The number of the training job with the lowest value."""
    need(answer, numbers.Integral, "a number of jobs is a whole number")
    values = table["FinalObjectiveValue"]
    best = int(values.idxmin())
    if answer == values.idxmax():
        raise NotYet("that is the worst one: the metric is to be minimized.")
    if answer == best - 1:
        raise NotYet("almost: the index of table counts the jobs from 1.")
    if answer != best:
        raise NotYet(f"job {answer} is not the one with the lowest FinalObjectiveValue.")
    return (
        f"after {best} of {len(table)} jobs. The other {len(table) - best} cost as much as these "
        "and brought nothing, which nobody could know before."
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
    if (answer.min_value, answer.max_value) != (LOWEST, HIGHEST):
        raise NotYet(f"it shall go from {LOWEST} to {HIGHEST}.")
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
    need(answer, numbers.Integral, "a number of jobs is a whole number")
    if answer == AT_A_TIME - 3:
        raise NotYet("so many can with three at a time: all but the first three.")
    if answer == AT_A_TIME - 1:
        raise NotYet("so many can with one at a time: all but the first.")
    if answer != 0:
        raise NotYet("when is the first result there, and how many jobs have begun by then?")
    return (
        "none: all have begun before the first result is there, and the search is no better than "
        "Random. Three at a time leave 17 jobs something to learn from."
    )


def range_of_lambda(answer: Any, *, client: Any) -> str:
    """An entry of ContinuousParameterRanges, held against the service model."""
    need(answer, dict, "an entry is a dict")
    need_shape(answer, client, "ContinuousParameterRange")
    if answer["Name"] != "lambda":
        raise NotYet(f"the hyperparameter is called lambda, not {answer['Name']}.")
    try:
        ends = float(answer["MinValue"]), float(answer["MaxValue"])
    except ValueError:
        raise NotYet("MinValue and MaxValue are strings, but they must read as numbers.") from None
    if ends != ENDS:
        raise NotYet(f"the range shall go from 0.1 to 1000, and this one from {ends[0]:g} to "
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
    need(answer, str, "a WarmStartType is a string")
    if answer not in kinds:
        raise NotYet(f"there are two: {' and '.join(kinds)}. Mind the spelling.")
    if answer != "TransferLearning":
        raise NotYet(
            "with more houses in them the data are not identical: an error of 3.2 on this year's "
            "rows says little about next year's."
        )
    return (
        "the values of this year's search no longer hold, but where it found them is a good place "
        "to begin."
    )


def price_of_a_search(answer: Any) -> str:
    """Jobs times billed hours times the price of an hour."""
    need(answer, numbers.Real, "an amount of money is a number")
    hours = SECONDS / 3600
    expected = JOBS * hours * HOURLY[MACHINE]
    if math.isclose(answer, JOBS * hours * HOURLY["ml.m5.large"], rel_tol=0.01):
        raise NotYet("that is the price of an ml.m5.large; the search runs on an ml.m5.xlarge.")
    if math.isclose(answer, hours * HOURLY[MACHINE], rel_tol=0.01):
        raise NotYet("that is one job of the hundred.")
    if math.isclose(answer, JOBS * SECONDS * HOURLY[MACHINE], rel_tol=0.01):
        raise NotYet("the price is for an hour, and the jobs are billed by the second.")
    if not math.isclose(answer, expected, rel_tol=0.01):
        raise NotYet("count the hours that all jobs are billed for, and multiply by the price.")
    return (
        f"{expected:.3f} US dollars, however many run at a time. To be done sooner costs nothing "
        "more; to be done better may."
    )


exercises = Exercises(
    Exercise(
        check=job_of_the_best,
        hints=(
            "The metric is in the column FinalObjectiveValue, and less is better.",
            "pandas finds the row of the smallest value with idxmin().",
        ),
        solution='answer = table["FinalObjectiveValue"].idxmin()',
        wrong=(
            'answer = table["FinalObjectiveValue"].idxmax()',
            'answer = table["FinalObjectiveValue"].idxmin() - 1',
            'answer = table["FinalObjectiveValue"].min()',
            "answer = 20",
        ),
    ),
    Exercise(
        check=range_of_alpha,
        hints=(
            "It is written like the range of eta in step 3, with one argument more.",
            "That argument is scaling_type; step 3 names the value that you need.",
        ),
        solution='answer = ContinuousParameter(0.0001, 10, scaling_type="Logarithmic")',
        wrong=(
            "answer = ContinuousParameter(0.0001, 10)",
            'answer = ContinuousParameter(0.0001, 10, scaling_type="ReverseLogarithmic")',
            'answer = ContinuousParameter(0.001, 10, scaling_type="Logarithmic")',
            "answer = IntegerParameter(0, 10)",
            "answer = (0.0001, 10)",
        ),
    ),
    Exercise(
        check=informed_jobs,
        hints=(
            "A job is chosen when it begins, from the results that are there at that moment.",
            "All 20 begin together.",
        ),
        solution="answer = 0",
        wrong=("answer = 17", "answer = 19", "answer = 20", "answer = 0.5"),
    ),
    Exercise(
        check=range_of_lambda,
        hints=(
            "It looks like the entries of step 2, with one more.",
            "ScalingType has the values Auto, Linear, Logarithmic and ReverseLogarithmic.",
        ),
        solution=(
            'answer = {"Name": "lambda", "MinValue": "0.1", "MaxValue": "1000", '
            '"ScalingType": "Logarithmic"}'
        ),
        wrong=(
            'answer = {"Name": "lambda", "MinValue": "0.1", "MaxValue": "1000"}',
            'answer = {"Name": "lambda", "MinValue": 0.1, "MaxValue": 1000, '
            '"ScalingType": "Logarithmic"}',
            'answer = {"Name": "lambda", "MinValue": "1", "MaxValue": "1000", '
            '"ScalingType": "Logarithmic"}',
            'answer = {"Name": "alpha", "MinValue": "0.1", "MaxValue": "1000", '
            '"ScalingType": "Logarithmic"}',
            'answer = "0.1 to 1000"',
        ),
    ),
    Exercise(
        check=kind_of_warm_start,
        hints=(
            "The table of step 7 says when each of the two is for.",
            "Are next year's data the same as this year's?",
        ),
        solution='answer = "TransferLearning"',
        wrong=(
            'answer = "IdenticalDataAndAlgorithm"',
            'answer = "transfer learning"',
            "answer = 2",
        ),
    ),
    Exercise(
        check=price_of_a_search,
        hints=(
            "Step 9 does it for an ml.m5.large and 70 seconds.",
            'hourly("ml.m5.xlarge") is the price of an hour, and 90 seconds are 90 / 3600 hours.',
        ),
        solution='answer = 100 * 90 / 3600 * hourly("ml.m5.xlarge")',
        wrong=(
            'answer = 100 * 90 / 3600 * hourly("ml.m5.large")',
            'answer = 90 / 3600 * hourly("ml.m5.xlarge")',
            'answer = 100 * 90 * hourly("ml.m5.xlarge")',
            'answer = "0.575"',
        ),
    ),
)
