"""Numbers are read off log lines by the user's expressions, and bad ones stop nothing."""

from __future__ import annotations

import json
import math

import pytest

from labcloud.aws.logs import as_logged
from labcloud.sagemaker.shown import single
from labcloud.sagemaker.training.metrics import Metrics, definitions, shown

XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"


def values(metrics: Metrics) -> dict[str, float]:
    return {each["MetricName"]: each["Value"] for each in metrics.final()}


def test_the_last_value_counts() -> None:
    metrics = Metrics([{"Name": "loss", "Regex": r"loss=(\S+)"}])
    for line in ("loss=2", "nothing", "loss=1.5e-3", "loss=high"):
        metrics.read(line)
    assert values(metrics) == {"loss": 0.0015}


def test_the_image_s_own_metrics_need_no_definition() -> None:
    metrics = Metrics(definitions({"AlgorithmSpecification": {"TrainingImage": XGBOOST}}))
    metrics.read(as_logged("[12]\ttrain-rmse:1.25\tvalidation-rmse:2.50"))
    assert values(metrics) == {"train:rmse": 1.25, "validation:rmse": 2.5}


def test_those_of_the_training_data_come_first_wherever_they_stand_in_the_log() -> None:
    metrics = Metrics(definitions({"AlgorithmSpecification": {"TrainingImage": XGBOOST}}))
    metrics.read(as_logged("[0]\tvalidation-rmse:2.5\tvalidation-mae:2\ttrain-rmse:1\ttrain-mae:1"))
    assert list(values(metrics)) == [
        "train:mae", "train:rmse", "validation:mae", "validation:rmse",
    ]  # fmt: skip


def test_a_description_has_values_of_32_bits_and_whole_seconds() -> None:
    final = [{"MetricName": "m", "Value": 1.19876, "Timestamp": 1747422800.7}]
    assert shown(final) == [
        {"MetricName": "m", "Value": 1.1987600326538086, "Timestamp": 1747422800}
    ]


@pytest.mark.parametrize("value", [1e300, -1e300])
def test_what_32_bits_cannot_hold_is_infinite(value: float) -> None:
    assert single(value) == math.copysign(math.inf, value)
    assert math.isnan(single(math.nan))


def test_a_training_that_diverges_leaves_a_record_that_can_be_read() -> None:
    metrics = Metrics([{"Name": each, "Regex": f"{each}=([^ ]*)"} for each in "abc"])
    metrics.read("a=nan b=inf c=-inf")
    final = json.loads(json.dumps(metrics.final(), allow_nan=False))
    assert [each["Value"] for each in final] == ["NaN", "Infinity", "-Infinity"]
    assert str([each["Value"] for each in shown(final)]) == "[nan, inf, -inf]"


def test_another_image_has_the_request_s_only() -> None:
    mine = {"Name": "m", "Regex": "m=(.*)"}
    algorithm = {"TrainingImage": "mine", "MetricDefinitions": [mine]}
    assert definitions({"AlgorithmSpecification": algorithm}) == [mine]


def test_an_expression_without_a_group_or_made_to_backtrack_gives_no_value() -> None:
    metrics = Metrics([{"Name": "a", "Regex": "loss"}, {"Name": "b", "Regex": "(x+x+)+y"}])
    metrics.read("loss " + "x" * 60)
    assert values(metrics) == {}


def test_control_characters_are_shown_as_cloudwatch_shows_them() -> None:
    assert as_logged("a\tb\x1b[0m") == "a#011b#033[0m"
    # C1 does what ESC does, and the bidirectional controls turn text round.
    assert as_logged("\x9b31m\x9d0;title\x9c \u202eolleh") == "#23331m#2350;title#234 #20056olleh"
