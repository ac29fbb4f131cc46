"""The exercises of lab 04, with their checks, hints and solutions: 1 to 3 of 04a, 4 to 6 of 04b,
7 to 9 of 04c.
"""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import numpy as np

from labhelpers import Exercise, Exercises, NotYet
from labhelpers.answers import agrees, as_number, need, need_value
from labhelpers.gone import still_there
from labhelpers.shapes import need_shape

# Exercise 2: more parts than any right answer has. A function that goes on for ever is stopped.
MANY = 100
# Exercise 3: from Friday 18:00 to Monday 9:00, at the price of an ml.m5.large.
WEEKEND, PRICE = 63, 0.115
# Exercise 5.
GROUP, SUBNETS = "sg-0a1b2c3d", ("subnet-1a2b3c4d", "subnet-5e6f7a8b")
# Exercise 9: share (percent) and pause (seconds) of the first step.
CANARY, PAUSE = 20, 300
# The normal distribution's 97.5% quantile.
Z = 1.96


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


def two_instances(answer: Any, *, client: Any, model_name: str) -> str:
    """ProductionVariants: one variant on two machines."""
    need(answer, (list, tuple), "ProductionVariants is a list")
    need_shape(answer, client, "ProductionVariantList")
    if len(answer) != 1:
        raise NotYet("one variant is enough: machines are a number in it, not more variants.")
    (variant,) = answer
    if variant.get("ModelName") != model_name:
        raise NotYet(f"ModelName is the name of the model in step 3, {model_name!r}.")
    if variant.get("InstanceType") != "ml.m5.large":
        raise NotYet("InstanceType should be ml.m5.large.")
    if variant.get("InitialInstanceCount") != 2:
        raise NotYet("how many machines it has is InitialInstanceCount.")
    if variant.get("InitialVariantWeight", 1) == 0:
        raise NotYet("with the weight 0 it gets no traffic, however many machines it has.")
    if "ServerlessConfig" in variant:
        raise NotYet("a variant has machines or a ServerlessConfig. AWS refuses both together.")
    return (
        "AWS tries to put the two into different availability zones, so that one of them goes on "
        "when a data centre does not. It costs twice as much, 0.23 dollars an hour."
    )


def vpc_config(answer: Any, *, client: Any) -> str:
    """VpcConfig with one security group and two subnets."""
    need(answer, dict, "VpcConfig is a dict")
    need_shape(answer, client, "VpcConfig")
    if list(answer["SecurityGroupIds"]) != [GROUP]:
        raise NotYet(f"SecurityGroupIds is a list with {GROUP} in it.")
    if sorted(answer["Subnets"]) != sorted(SUBNETS):
        raise NotYet(f"both subnets belong in it: {', '.join(SUBNETS)}.")
    return (
        "two subnets in two zones, so that the machines need not all stand in one. And remember "
        "the VPC endpoint for S3, without which the model does not arrive."
    )


def original_status(answer: Any, *, client: Any, endpoint_name: str) -> str:
    """The HTTP status with which the container answers thirteen values."""
    if answer is None:
        # An endpoint that is not there has no container that could answer.
        with still_there("endpoint", "steps 3 to 5"):
            client.describe_endpoint(EndpointName=endpoint_name)
        raise NotYet("there was no status. Did the call fail, and where did you look for it?")
    given = as_number(answer, "a status is a whole number", whole=True)
    known = (
        (
            424,
            "that is the status of InvokeEndpoint. The container's own is in the response, too.",
        ),
        (415, "that is the header line of step 6: text that is no number."),
        (200, "that is a call that worked. Is the price in the body?"),
    )
    other = "send a row of parts.test with all its columns, and look at error.response."
    need_value(given, 400, 0, known, other)
    return (
        "400: thirteen numbers are good CSV, but the model has learned from twelve. A missing "
        "column would not have been refused; XGBoost takes it for an unknown value."
    )


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


exercises = Exercises(
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
    Exercise(
        check=two_instances,
        hints=(
            "Look at step 4: what has to change is one number.",
            "It is a list with one dict in it, and the dict has the keys of step 4.",
        ),
        solution="""\
answer_4 = [
    {
        "VariantName": "AllTraffic",
        "ModelName": model_name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
    }
]""",
        wrong=(
            'answer_4 = [{"VariantName": "AllTraffic", "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]',
            'answer_4 = [{"VariantName": "All Traffic!", "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}]',
            'answer_4 = [{"VariantName": "AllTraffic", "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 2, "InitialVariantWeight": 0}]',
            'answer_4 = {"VariantName": "AllTraffic", "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}',
            'answer_4 = [{"VariantName": "AllTraffic", "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": "2"}]',
            'answer_4 = [{"ModelName": model_name, "InstanceType": "ml.m5.large", '
            '"InitialInstanceCount": 2}]',
            'answer_4 = [{"VariantName": name, "ModelName": model_name, '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 1} for name in ("A", "B")]',
            'answer_4 = [{"VariantName": "AllTraffic", "ModelName": "xgboost", '
            '"InstanceType": "ml.m5.large", "InitialInstanceCount": 2}]',
        ),
    ),
    Exercise(
        check=vpc_config,
        hints=(
            "VpcConfig has two keys; the request in step 3 shows them.",
            "Both values are lists, also the one with a single name in it.",
        ),
        solution="""\
answer_5 = {
    "SecurityGroupIds": ["sg-0a1b2c3d"],
    "Subnets": ["subnet-1a2b3c4d", "subnet-5e6f7a8b"],
}""",
        wrong=(
            'answer_5 = {"SecurityGroupIds": "sg-0a1b2c3d", '
            '"Subnets": ["subnet-1a2b3c4d", "subnet-5e6f7a8b"]}',
            'answer_5 = {"SecurityGroupIds": ["sg-0a1b2c3d"], "Subnets": ["subnet-1a2b3c4d"]}',
            'answer_5 = {"Subnets": ["subnet-1a2b3c4d", "subnet-5e6f7a8b"]}',
            'answer_5 = {"security_groups": ["sg-0a1b2c3d"], "subnets": []}',
            'answer_5 = {"SecurityGroupIds": ["subnet-1a2b3c4d"], '
            '"Subnets": ["sg-0a1b2c3d", "subnet-5e6f7a8b"]}',
            'answer_5 = ["sg-0a1b2c3d", "subnet-1a2b3c4d", "subnet-5e6f7a8b"]',
        ),
    ),
    Exercise(
        check=original_status,
        hints=(
            "Make a body from parts.test.head(1), invoke the endpoint with it inside try, and "
            "catch ClientError as in step 6.",
            'error.response is a dict, and one of its keys is "OriginalStatusCode".',
        ),
        solution="""\
try:
    runtime.invoke_endpoint(
        EndpointName=endpoint_name,
        ContentType="text/csv",
        Body=parts.test.head(1).to_csv(header=False, index=False),
    )
except ClientError as error:
    # No container, no such status: None, for an endpoint that is gone.
    answer_6 = error.response.get("OriginalStatusCode")""",
        wrong=(
            "answer_6 = None",
            "answer_6 = 424",
            "answer_6 = 415",
            "answer_6 = 200",
            "answer_6 = 500",
            'answer_6 = "400"',
        ),
    ),
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
    notebooks={"04a": 3, "04b": 3, "04c": 3},
)
