"""The objective's value is read off a training job's record, and the best of several is found."""

from __future__ import annotations

import math
from typing import Any

import pytest

from labcloud.sagemaker.tuning.objective import Objective, best, value_of


def child(name: str, value: float | None, kind: str = "Minimize") -> dict[str, Any]:
    objective = Objective("m", kind == "Maximize")
    final = {} if value is None else {
        "FinalHyperParameterTuningJobObjectiveMetric": objective.final(value)
    }  # fmt: skip
    return {"TrainingJobName": name, **final}


def test_the_value_is_that_of_its_metric() -> None:
    metrics = [{"MetricName": "other", "Value": 1.0}, {"MetricName": "m", "Value": 2}]
    assert Objective("m", True).value({"FinalMetricDataList": metrics}) == 2.0
    assert Objective("n", True).value({"FinalMetricDataList": metrics}) is None
    assert Objective("m", True).value({}) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, "NaN", "-Infinity"])
def test_what_is_no_number_cannot_be_searched_by(value: float | str) -> None:
    metrics = [{"MetricName": "m", "Value": value}]
    assert Objective("m", False).value({"FinalMetricDataList": metrics}) is None


@pytest.mark.parametrize(("kind", "wanted"), [("Minimize", "b"), ("Maximize", "c")])
def test_the_best_is_the_best_in_the_objective_s_direction(kind: str, wanted: str) -> None:
    children = [child("a", 2, kind), child("b", 1, kind), child("c", 3, kind), child("d", None)]
    found = best(children)
    assert found is not None and found["TrainingJobName"] == wanted


def test_the_earliest_of_equals_is_the_best_and_of_none_there_is_none() -> None:
    found = best([child("a", None), child("b", 1), child("c", 1)])
    assert found is not None and found["TrainingJobName"] == "b"
    assert best([child("a", None)]) is None
    assert value_of(child("a", 0.0)) == 0.0
