"""Completion criteria: a target, results that do not improve, convergence."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.sagemaker.tuning.completion import Completion
from labcloud.sagemaker.tuning.objective import Objective

LESS, MORE = Objective("m", False), Objective("m", True)


def met_after(criteria: dict[str, Any], values: list[float], objective: Objective) -> int | None:
    """After how many results the criteria are met."""
    completion = Completion(criteria)
    for number, value in enumerate(values, 1):
        completion.add(value, objective)
        if completion.met:
            return number
    return None


@pytest.mark.parametrize(
    ("objective", "values", "number"),
    [(LESS, [3, 1.5, 1, 0], 3), (MORE, [0, 0.5, 1, 2], 3), (LESS, [3, 2], None)],
)
def test_the_target_is_met_when_it_is_reached(
    objective: Objective, values: list[float], number: int | None
) -> None:
    assert met_after({"TargetObjectiveMetricValue": 1.0}, values, objective) == number


def test_patience_ends_after_so_many_results_in_a_row_without_improvement() -> None:
    criteria = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
    assert met_after(criteria, [5, 6, 6, 4, 6, 6, 6, 1], LESS) == 7


def test_less_than_a_hundredth_is_no_improvement() -> None:
    criteria = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
    assert met_after(criteria, [100, 99.5, 99.2, 99.1], LESS) == 4
    assert met_after(criteria, [100, 98, 96, 94], LESS) is None


def test_convergence_ends_the_search_only_where_that_was_asked_for() -> None:
    values = [1.0] * 20
    enabled = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}
    disabled = {"ConvergenceDetected": {"CompleteOnConvergence": "Disabled"}}
    assert met_after(enabled, values, LESS) == 11
    assert met_after(disabled, values, LESS) is None
    assert met_after({}, values, LESS) is None


def test_the_details_say_how_far_it_is() -> None:
    completion = Completion({})
    assert completion.details() == {"NumberOfTrainingJobsObjectiveNotImproving": 0}
    for _ in range(11):
        completion.add(1.0, LESS)
    found = completion.details()
    assert found["NumberOfTrainingJobsObjectiveNotImproving"] == 10
    assert found["ConvergenceDetectedTime"] > 0
