"""A tuning job on a disk that is full when its training jobs end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psutil
import pytest

from labcloud_support.life import SLOW, Life, eventually

from ..tuning.tunings import settings
from .disk import Disk, until_it_trains

DEFINED = (
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
)
PARALLEL = 2


@pytest.fixture
def tuning(sagemaker: Any, training: Callable[..., dict[str, Any]]) -> Callable[[str], None]:
    """Begins a tuning job of endless training jobs, all at a time."""

    def begin(name: str) -> None:
        request = training(name, hyperparameters=SLOW)
        rates = {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}
        sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name,
            HyperParameterTuningJobConfig=settings(
                "validation:rmse", {"ContinuousParameterRanges": [rates]}, PARALLEL, PARALLEL
            ),
            TrainingJobDefinition={
                "StaticHyperParameters": request["HyperParameters"],
                **{field: request[field] for field in DEFINED},
            },
        )

    return begin


def running(life: Life, sagemaker: Any, name: str) -> list[psutil.Process]:
    """The processes that train, as soon as both do."""
    eventually(lambda: len(children(sagemaker, name)) == PARALLEL, "there are two jobs")
    for job in children(sagemaker, name):
        until_it_trains(life, job)
    return life.workers(serving=False)


def children(sagemaker: Any, name: str) -> dict[str, str]:
    """The training jobs of a tuning job: their names, and the status that it has of each."""
    found = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name
    )["TrainingJobSummaries"]
    return {child["TrainingJobName"]: child["TrainingJobStatus"] for child in found}


def ended(sagemaker: Any, name: str) -> dict[str, Any]:
    """A tuning job that has ended."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name
        )
        return found if found["HyperParameterTuningJobStatus"] == "Failed" else None

    found: dict[str, Any] = eventually(look, "the tuning job has failed")
    return found


def trained(sagemaker: Any, name: str) -> list[tuple[str, str]]:
    """Status of each training job, as the tuning job and as the job itself has it."""
    return [
        (status, sagemaker.describe_training_job(TrainingJobName=job)["TrainingJobStatus"])
        for job, status in children(sagemaker, name).items()
    ]


def test_jobs_that_die_while_the_disk_is_full_count(
    life: Life, sagemaker: Any, disk: Disk, tuning: Callable[[str], None]
) -> None:
    tuning("dies")
    workers = running(life, sagemaker, "dies")
    assert len(workers) == PARALLEL
    disk.fill()
    for worker in workers:
        worker.kill()
    psutil.wait_procs(workers, timeout=60)
    disk.free()
    assert "No training job succeeded" in ended(sagemaker, "dies")["FailureReason"]
    assert trained(sagemaker, "dies") == [("Failed", "Failed")] * PARALLEL
