"""A search is shown training job by training job, in the order of their numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sagemaker.core.resources import HyperParameterTuningJob

from labhelpers import Lab, LabError, watch
from labhelpers.errors import JobFailed

Printed = pytest.CaptureFixture[str]
Start = Callable[..., str]


def tuning_job(name: str) -> HyperParameterTuningJob:
    return HyperParameterTuningJob(hyper_parameter_tuning_job_name=name)


def values(lines: list[str]) -> list[float]:
    return [float(line.split()[2]) for line in lines if ":" in line]


def test_every_result_and_which_is_the_best_so_far(lab: Lab, tune: Start, capsys: Printed) -> None:
    name = tune(lab, jobs=6)
    assert watch(lab, tuning_job(name)) == name
    first, second, *lines, last = capsys.readouterr().out.splitlines()
    assert (first, second, last) == (f"Tuning job {name}", "InProgress", "Completed")
    assert [int(line.split()[0]) for line in lines] == [1, 2, 3, 4, 5, 6]
    assert all(re.match(r" +\d  validation:logloss 0\.\d+", line) for line in lines)
    found = values(lines)
    expected = [value == min(found[: place + 1]) for place, value in enumerate(found)]
    assert [line.endswith("  (best so far)") for line in lines] == expected


def test_more_is_better_where_the_metric_is_maximized(
    lab: Lab, tune: Start, capsys: Printed
) -> None:
    watch(lab, tuning_job(tune(lab, kind="Maximize")))
    lines = capsys.readouterr().out.splitlines()[2:-1]
    assert values(lines) == [1.0] * 4
    # The others are as good, and no better.
    assert [line.endswith("(best so far)") for line in lines] == [True, False, False, False]


def test_results_are_those_of_the_training_jobs(lab: Lab, tune: Start, capsys: Printed) -> None:
    name = watch(lab, tuning_job(tune(lab)))
    shown = values(capsys.readouterr().out.splitlines()[2:-1])
    sagemaker = lab.client("sagemaker")
    listed = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name
    )["TrainingJobSummaries"]
    metrics = [job["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for job in listed]
    assert shown == pytest.approx(metrics, rel=1e-4)


def test_a_search_that_is_stopped_is_no_failure(lab: Lab, tune: Start, capsys: Printed) -> None:
    name = tune(lab, jobs=500)
    lab.client("sagemaker").stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert watch(lab, tuning_job(name)) == name
    assert capsys.readouterr().out.splitlines()[-1] == "Stopped"


def test_a_search_without_a_result_fails_with_the_reasons(
    lab: Lab, tune: Start, capsys: Printed
) -> None:
    # This objective needs the number of classes.
    name = tune(lab, jobs=2, objective="multi:softprob")
    with pytest.raises(JobFailed, match=f"{name} failed: No training job succeeded after 2 "):
        watch(lab, tuning_job(name))
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [line[:37] for line in lines[:-1]] == [
        "      1  Failed, no result: Algorithm", "      2  Failed, no result: Algorithm",
    ]  # fmt: skip
    assert "num_class" in lines[0]
    assert lines[-1] == "Failed"


def test_a_search_that_is_not_there_is_named(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"The tuning job nobody cannot be watched in us-east-1: "):
        watch(lab, tuning_job("nobody"))
