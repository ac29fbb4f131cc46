"""Jobs and endpoints on a disk that is full when they begin, stop, end or die."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from labcloud_support.life import SLOW, Life
from labcloud_support.resources import deploy, undeploy

from .disk import Disk, acknowledged, ended, until_it_trains


def worker_of(life: Life, job: str) -> psutil.Process:
    """The process that trains, as soon as it does."""
    until_it_trains(life, job)
    (process,) = life.workers(serving=False)
    return process


def test_a_job_that_dies_while_the_disk_is_full_has_failed(
    life: Life, sagemaker: Any, disk: Disk, training: Callable[..., dict[str, Any]]
) -> None:
    sagemaker.create_training_job(**training("dies", hyperparameters=SLOW))
    worker = worker_of(life, "dies")
    disk.fill()
    worker.kill()
    psutil.wait_procs([worker], timeout=60)
    sagemaker.describe_training_job(TrainingJobName="dies")
    disk.free()
    job = ended(sagemaker, "dies")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"]
    sagemaker.delete_training_job(TrainingJobName="dies")


def test_a_job_that_is_done_while_the_disk_is_full_has_failed(
    life: Life, sagemaker: Any, disk: Disk, training: Callable[..., dict[str, Any]]
) -> None:
    """It ends by itself: its limit comes while nothing can be written."""
    request = training("late", hyperparameters=SLOW)
    request["StoppingCondition"] = {"MaxRuntimeInSeconds": 10}
    sagemaker.create_training_job(**request)
    worker = worker_of(life, "late")
    disk.fill()
    gone, _ = psutil.wait_procs([worker], timeout=60)
    disk.free()
    assert gone, "the limit did not end it"
    job = ended(sagemaker, "late")
    assert job["TrainingJobStatus"] in ("Failed", "Stopped")


def test_a_stop_that_cannot_be_written_is_refused_and_can_be_asked_again(
    life: Life, sagemaker: Any, disk: Disk, training: Callable[..., dict[str, Any]]
) -> None:
    sagemaker.create_training_job(**training("stops", hyperparameters=SLOW))
    worker_of(life, "stops")
    disk.fill()
    stopped = acknowledged(sagemaker.stop_training_job, TrainingJobName="stops")
    disk.free()
    if not stopped:
        sagemaker.stop_training_job(TrainingJobName="stops")
    assert ended(sagemaker, "stops")["TrainingJobStatus"] == "Stopped"


def test_data_that_does_not_fit_fails_the_job(
    life: Life, s3: Any, sagemaker: Any, disk: Disk,
    training: Callable[..., dict[str, Any]], bucket: str,
) -> None:  # fmt: skip
    request = training("large")
    source = request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]
    s3.put_object(Bucket=bucket, Key=f"{source.split('/', 3)[3]}more", Body=bytes(1024**2))
    disk.fill(leaving=60)
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, "large")
    assert job["TrainingJobStatus"] == "Failed"
    assert re.search(r"No space left|disk is full", job["FailureReason"])
    assert not (life.home.jobs / "training" / "large").exists()


def test_a_model_that_does_not_fit_fails_the_endpoint(s3: Any, sagemaker: Any, disk: Disk) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("xgboost-model")
        member.size = 2 * 1024**2
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    s3.create_bucket(Bucket="large")
    s3.put_object(Bucket="large", Key="model.tar.gz", Body=packed.getvalue())
    disk.fill(leaving=60)
    deploy(sagemaker, "large", "s3://large/model.tar.gz")
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(
            EndpointName="large", WaiterConfig={"Delay": 1, "MaxAttempts": 2}
        )
    reason = sagemaker.describe_endpoint(EndpointName="large")["FailureReason"]
    assert re.search(r"No space left|disk is full", reason)
    undeploy(sagemaker, "large")
