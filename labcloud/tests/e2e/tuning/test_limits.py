"""Where a search ends: numbers of jobs, time, completion criteria; and jobs stopped early."""

from __future__ import annotations

import os
from typing import Any

import pytest

from .tunings import UNIT, Tunings, letters, settings, value


def test_never_more_at_a_time_than_allowed_and_never_more_in_all(
    tunings: Tunings, name: str
) -> None:
    job = tunings.run(name, settings("loss", UNIT, 7, 2), tunings.definition({"epochs": "500"}))
    assert job["TrainingJobStatusCounters"]["Completed"] == 7
    children = tunings.children(name)
    for child in children:
        began = child["CreationTime"]
        beside = [
            each for each in children if each["CreationTime"] <= began < each["TrainingEndTime"]
        ]
        assert len(beside) <= 2


def test_jobs_beside_each_other_share_the_cores(tunings: Tunings, log_of: Any, name: str) -> None:
    cores = os.cpu_count() or 1
    for parallel, jobs in ((1, 1), (3, 3), (3, 1)):
        # More at a time than there are in all are refused, so the last has one value only.
        ranges = UNIT if jobs == 3 or parallel == 1 else letters("a")
        config = settings("loss", ranges, jobs if parallel <= jobs else None, parallel)
        config["Strategy"] = "Random" if parallel <= jobs else "Grid"
        which = f"{name}-{parallel}-{jobs}"
        tunings.run(which, config, tunings.definition())
        for child in tunings.children(which):
            share = max(1, cores // min(parallel, jobs))
            assert f"threads={share}" in log_of(child["TrainingJobName"])


def test_a_target_that_is_reached_ends_the_search(tunings: Tunings, name: str) -> None:
    config = settings("loss", UNIT, 40, 1, RandomSeed=1,
                      TuningJobCompletionCriteria={"TargetObjectiveMetricValue": 1.3})  # fmt: skip
    job = tunings.run(name, config, tunings.definition())
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    values = [value(child) for child in tunings.children(name)]
    assert len(values) < 40
    assert values[-1] <= 1.3 < min([9.0, *values[:-1]])


def test_no_improvement_ends_the_search(tunings: Tunings, name: str) -> None:
    criteria = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
    config = settings("loss", letters("abcdefgh"), 8, 1, TuningJobCompletionCriteria=criteria)
    job = tunings.run(name, config, tunings.definition())
    assert job["TrainingJobStatusCounters"]["Completed"] == 4
    details = job["TuningJobCompletionDetails"]
    assert details["NumberOfTrainingJobsObjectiveNotImproving"] == 3


def test_convergence_ends_the_search_without_a_number_of_jobs(tunings: Tunings, name: str) -> None:
    criteria = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}
    ranges = {"IntegerParameterRanges": [{"Name": "n", "MinValue": "1", "MaxValue": "99"}]}
    config = settings("loss", ranges, None, 2, TuningJobCompletionCriteria=criteria)
    job = tunings.run(name, config, tunings.definition())
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Completed"] >= 11
    assert "ConvergenceDetectedTime" in job["TuningJobCompletionDetails"]


@pytest.mark.parametrize("early", ["Off", "Auto"])
def test_early_stopping_stops_what_is_worse_than_the_median(
    tunings: Tunings, name: str, early: str
) -> None:
    """The first three are good; of the others, those that are bad are stopped, with Auto only."""
    values = ["0", "0.1", "0.2", "5", "6", "0.05"]
    ranges = {"CategoricalParameterRanges": [{"Name": "x", "Values": values}]}
    grid = settings("loss", ranges, 6, 1, Strategy="Grid", TrainingJobEarlyStoppingType=early)
    job = tunings.run(name, grid, tunings.definition({"epochs": "5000"}))
    statuses = [child["TrainingJobStatus"] for child in tunings.children(name)]
    stopped = "Stopped" if early == "Auto" else "Completed"
    assert statuses == ["Completed"] * 3 + [stopped] * 2 + ["Completed"]
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 6
    assert job["BestTrainingJob"]["TunedHyperParameters"] == {"x": "0"}
