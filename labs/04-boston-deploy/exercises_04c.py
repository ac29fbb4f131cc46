"""The exercises of lab 04c, with their checks, hints and solutions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from labhelpers import Exercise, NotYet
from labhelpers.answers import agrees, as_number, need, need_value
from labhelpers.shapes import need_shape

# Exercise 9: share (percent) and pause (seconds) of the first step.
CANARY, PAUSE = 20, 300
# The normal distribution's 97.5% quantile.
Z = 1.96


def share_of_three(answer: Any) -> str:
    """The share of a variant of weight 3, beside others of 1 and 1."""
    given = as_number(answer, "a share is a number")
    known = (
        (3 / 4, "that was before the third variant came. Its weight counts, too."),
        (3, "a share lies between 0 and 1."),
        (60, "a share lies between 0 and 1."),
        (1 / 5, "that is the share of one of the other two."),
    )
    need_value(given, 3 / 5, 2, known, "divide the variant's weight by the sum of all weights.")
    return (
        "the share is 3 of 5. A new variant takes traffic from all the others, so choose the "
        "weights anew when one comes."
    )


def paired_interval(answer: Any, *, difference: Any) -> str:
    """The 95% interval of a mean of differences, by the normal distribution."""
    low, high = _ends(answer)
    values = np.asarray(difference, dtype=float)
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    half = Z * spread / math.sqrt(len(values))
    if agrees(low, mean - half, 1) and agrees(high, mean + half, 1):
        zero = (
            "Zero is in it: the difference may be chance."
            if low <= 0 <= high
            else "Zero is not in it: chance alone hardly makes such a difference."
        )
        return (
            f"from {low:.1f} to {high:.1f}, in squared thousands of dollars. {zero} Compare it "
            "with the verdict of the bootstrap, which took ten thousand draws."
        )
    if agrees(low, mean + half, 1) and agrees(high, mean - half, 1):
        raise NotYet("the lower end comes first.")
    known = (
        (
            2 * Z * spread,
            "that is where single districts lie. A mean is surer than one value, by the root of "
            "their number.",
        ),
        (2 * spread, "that is one standard deviation to either side. Divide it by the root."),
        (
            2 * half / Z,
            "that is one standard error to either side, 68%; 95% are 1.96 of them.",
        ),
    )
    for width, what in known:
        if agrees(high - low, width, 1):
            raise NotYet(what)
    raise NotYet(
        "it is the mean of the differences, plus and minus 1.96 standard errors; a standard "
        "error is the standard deviation divided by the root of the number of districts."
    )


def _ends(answer: Any) -> tuple[float, float]:
    """The ends of an interval: a tuple, a list or an array. Raises NotYet."""
    rule = "an interval is two numbers, answer_8 = (low, high)"
    if isinstance(answer, (str, bytes, dict, set, frozenset)):
        raise NotYet(f"{rule}, and this is a {type(answer).__name__}.")
    try:
        low, high = answer
    except (TypeError, ValueError):
        raise NotYet(f"{rule}.") from None
    return as_number(low, rule), as_number(high, rule)


def canary(answer: Any, *, client: Any) -> str:
    """A DeploymentConfig: 20% for five minutes, then the rest."""
    need(answer, dict, "DeploymentConfig is a dict")
    need_shape(answer, client, "DeploymentConfig")
    if "BlueGreenUpdatePolicy" not in answer:
        raise NotYet("there is no BlueGreenUpdatePolicy in it.")
    routing = answer["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    if "RollingUpdatePolicy" in answer:
        raise NotYet("an update is blue/green or rolling: leave RollingUpdatePolicy out.")
    if routing["Type"] != "CANARY":
        raise NotYet(f"the Type is {routing['Type']}; one small step first is CANARY.")
    size = routing.get("CanarySize")
    if size is None:
        raise NotYet("a canary needs a CanarySize.")
    if "LinearStepSize" in routing:
        raise NotYet("LinearStepSize belongs to LINEAR. AWS refuses it in a canary.")
    if size != {"Type": "CAPACITY_PERCENT", "Value": CANARY}:
        raise NotYet(f"CanarySize should be {CANARY} with the Type CAPACITY_PERCENT.")
    if routing["WaitIntervalInSeconds"] != PAUSE:
        raise NotYet(f"five minutes are {PAUSE} seconds.")
    return (
        "on AWS, add the names of CloudWatch alarms in AutoRollbackConfiguration: if one of them "
        "goes off in those five minutes, the endpoint goes back by itself."
    )


EXERCISES = (
    Exercise(
        check=share_of_three,
        hints=(
            "A variant's share is its weight divided by the sum of all weights.",
            "3 and 1 and 1: what is their sum?",
        ),
        solution="answer_7 = 3 / (3 + 1 + 1)",
        wrong=(
            "answer_7 = 3 / 4",
            "answer_7 = 3",
            "answer_7 = 1 / 3",
            "answer_7 = 60",
            'answer_7 = "3/5"',
        ),
    ),
    Exercise(
        check=paired_interval,
        hints=(
            "difference has a value a district: how much larger Linear's squared error is.",
            "error = difference.std(ddof=1) / np.sqrt(len(difference)) is the standard error.",
        ),
        solution="""\
error = difference.std(ddof=1) / np.sqrt(len(difference))
answer_8 = (difference.mean() - 1.96 * error, difference.mean() + 1.96 * error)""",
        wrong=(
            "answer_8 = (difference.mean() - 1.96 * difference.std(), "
            "difference.mean() + 1.96 * difference.std())",
            "answer_8 = (difference.min(), difference.max())",
            "answer_8 = tuple(np.percentile(difference, [2.5, 97.5]))",
            "answer_8 = difference.mean()",
            "answer_8 = (difference.mean() - difference.std() / np.sqrt(len(difference)), "
            "difference.mean() + difference.std() / np.sqrt(len(difference)))",
        ),
    ),
    Exercise(
        check=canary,
        hints=(
            "Step 9 shows the one for a linear shift. For a canary the size is called CanarySize.",
            '{"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {…}}} with Type, '
            "CanarySize and WaitIntervalInSeconds in the inner dict.",
        ),
        solution="""\
answer_9 = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 20},
            "WaitIntervalInSeconds": 300,
        }
    }
}""",
        wrong=(
            'answer_9 = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": '
            '{"Type": "LINEAR", '
            '"LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 20}, '
            '"WaitIntervalInSeconds": 300}}}',
            'answer_9 = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": '
            '{"Type": "CANARY", '
            '"CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 20}, '
            '"WaitIntervalInSeconds": 5}}}',
            'answer_9 = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": '
            '{"Type": "CANARY", '
            '"CanarySize": {"Type": "INSTANCE_COUNT", "Value": 20}, '
            '"WaitIntervalInSeconds": 300}}}',
            'answer_9 = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": '
            '{"Type": "CANARY", '
            '"WaitIntervalInSeconds": 300}}}',
            'answer_9 = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": '
            '{"Type": "CANARY", '
            '"CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 20}, '
            '"LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 20}, '
            '"WaitIntervalInSeconds": 300}}}',
            'answer_9 = {"TrafficRoutingConfiguration": {"Type": "CANARY"}}',
            "answer_9 = {}",
        ),
    ),
)
