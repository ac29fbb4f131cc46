"""The program of a job ends with its job, also where the job fails around it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labcloud.sagemaker.resource import Resource
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud_support.algorithms import fake_image
from labcloud_support.clouds import SHORT
from labcloud_support.theatre import Theatre

from .conftest import Play, Stage

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/patient:1"


@pytest.fixture
def act(tmp_path: Path, theatre: Theatre) -> Iterator[Play]:
    """Runs a scene with a cloud that has the image `patient`."""
    with fake_image("patient"):
        yield theatre.with_each(lambda: Stage(tmp_path, theatre, SHORT))


def test_a_program_whose_start_cannot_be_written_down_is_killed(
    act: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk: the job has failed, and nothing of it goes on."""
    seen: list[int] = []

    async def scene(stage: Stage) -> None:
        written = Resource.update_soon

        def refused(self: Resource, cloud: Any, name: str, **changes: Any) -> Any:
            if changes.get("SecondaryStatus") == "Training":
                seen.extend(stage.running())
                raise sqlite3.OperationalError("database or disk is full")
            return written(self, cloud, name, **changes)

        monkeypatch.setattr(Resource, "update_soon", refused)
        request = {
            "TrainingJobName": "job",
            "AlgorithmSpecification": {"TrainingImage": IMAGE},
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        }
        await TrainingJob.begin(stage.cloud, request)
        job = stage.cloud.records.get(TRAINING_JOB.kind, "job")
        assert job["TrainingJobStatus"] == "Failed", job
        assert "full" in job["FailureReason"]
        assert seen, "no program ran"
        async with asyncio.timeout(10):
            while set(seen) & set(stage.running()):
                await asyncio.sleep(0.01)

    act(scene)
