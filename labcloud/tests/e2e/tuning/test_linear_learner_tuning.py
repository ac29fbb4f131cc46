"""Tuning jobs of the built-in linear-learner: what can be tuned is searched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ..test_refusals import refusal
from .tunings import Tunings, settings

IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
STATIC = {"predictor_type": "regressor", "mini_batch_size": "20"}
METRIC = "validation:objective_loss"

Given = dict[str, Any]


def numbers(kind: str, name: str, low: str, high: str, scaling: str = "Auto") -> Given:
    given = {"Name": name, "MinValue": low, "MaxValue": high, "ScalingType": scaling}
    return {f"{kind}ParameterRanges": [given]}


def words(name: str, *values: str) -> Given:
    return {"CategoricalParameterRanges": [{"Name": name, "Values": list(values)}]}


@pytest.fixture(scope="module")
def linear(client: Callable[[str], Any]) -> Tunings:
    """Tuning jobs of linear-learner on a line with some noise."""
    s3 = client("s3")
    s3.create_bucket(Bucket="linear-tuning")
    generator = np.random.default_rng(3)
    x = generator.uniform(-1, 1, 120)
    y = 2 * x + 1 + generator.normal(0, 0.1, 120)
    rows = [f"{label!r},{value!r}" for label, value in zip(y.tolist(), x.tolist(), strict=True)]
    for name, part in (("train", rows[:80]), ("validation", rows[80:])):
        s3.put_object(Bucket="linear-tuning", Key=f"{name}/data", Body="\n".join(part).encode())
    channels = {name: name for name in ("train", "validation")}
    return Tunings(client("sagemaker"), IMAGE, "linear-tuning", channels)


@pytest.mark.parametrize(
    "ranges",
    [
        numbers("Continuous", "wd", "0.0001", "1", "Logarithmic"),
        numbers("Integer", "mini_batch_size", "20", "60"),
        words("use_bias", "true", "false"),
    ],
    ids=["continuous", "integer", "categorical"],
)
def test_what_aws_lists_as_tunable_is_searched(linear: Tunings, name: str, ranges: Given) -> None:
    ((range_,),) = ranges.values()
    static = {key: value for key, value in STATIC.items() if key != range_["Name"]}
    found = linear.run(name, settings(METRIC, ranges, 2), linear.built_in(IMAGE, static))
    assert found["HyperParameterTuningJobStatus"] == "Completed", found.get("FailureReason")
    best = found["BestTrainingJob"]
    assert range_["Name"] in best["TunedHyperParameters"]
    objective = best["FinalHyperParameterTuningJobObjectiveMetric"]
    assert objective["MetricName"] == METRIC
    assert 0 < objective["Value"] < 2


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        (numbers("Continuous", "learning_speed", "0", "1"),
         "The hyperparameter learning_speed of the algorithm linear-learner cannot be tuned. Those "
         "that can are [l1, learning_rate, mini_batch_size, positive_example_weight_mult, "
         "use_bias, wd]"),
        (numbers("Continuous", "epochs", "1", "5"),
         "The hyperparameter epochs of the algorithm linear-learner cannot be tuned."),
        (numbers("Continuous", "wd", "-1", "1"),
         "The hyperparameter wd of the algorithm linear-learner cannot be -1.0: "),
        (words("use_bias", "true", "maybe"),
         "The hyperparameter use_bias of the algorithm linear-learner cannot be maybe: "),
        (numbers("Integer", "use_bias", "0", "1"),
         "The hyperparameter use_bias of the algorithm linear-learner is Categorical: it cannot "
         "have one of the IntegerParameterRanges"),
    ],
    ids=["unknown", "not tunable", "out of range", "wrong word", "wrong kind"],
)  # fmt: skip
def test_what_cannot_be_tuned_is_refused(
    linear: Tunings, name: str, ranges: Given, said: str
) -> None:
    code, message = refused(linear, name, ranges, METRIC)
    assert code == "ValidationException"
    assert said in message


def test_its_objective_must_be_one_of_its_own(linear: Tunings, name: str) -> None:
    ranges = numbers("Continuous", "wd", "0.0001", "1")
    _, message = refused(linear, name, ranges, "validation:rmse")
    assert message.startswith(
        "The objective metric validation:rmse is not one of the algorithm linear-learner."
    )
    _, message = refused(linear, name, ranges, "validation:recall")
    assert "validation:recall" in message
    assert "Maximize" in message


def refused(linear: Tunings, name: str, ranges: Given, metric: str) -> tuple[str, str]:
    static = {key: value for key, value in STATIC.items() if key not in str(ranges)}
    definition = linear.built_in(IMAGE, static)
    config = settings(metric, ranges, 2)
    return refusal(linear.create, name=name, config=config, definition=definition)
