"""A tuning job in this process, where its longest runtime may be shorter than AWS lets it be."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from labcloud.sagemaker.states import ENDED
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.tuning import children
from labcloud.sagemaker.tuning.job import TuningJob
from labcloud.sagemaker.tuning.resource import TUNING_JOB
from labcloud.state.records import Record, Records
from labcloud_support.algorithms import fake_image
from labcloud_support.clouds import SHORT
from labcloud_support.theatre import Theatre

from ..conftest import Stage

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/patient:1"


Play = Callable[[Callable[[Stage], Awaitable[None]]], None]


@pytest.fixture
def act(tmp_path: Path, theatre: Theatre) -> Iterator[Play]:
    """Runs a scene with a cloud whose training jobs never end by themselves."""
    with fake_image("patient"):
        yield theatre.with_each(lambda: Stage(tmp_path, theatre, SHORT))


def test_the_longest_runtime_ends_the_search_and_stops_what_runs(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        begin(stage, MaxRuntimeInSeconds=2)
        found = await ended(stage)
        assert found[TUNING_JOB.status] == "Completed"
        assert [child["TrainingJobStatus"] for child in found[children.FIELD]] == ["Stopped"] * 2
        assert stage.running() == []

    act(scene)


def test_a_full_disk_delays_the_search_and_costs_it_no_job(
    act: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The beginning of a training job does not fit at first."""
    insert, refused = Records.insert, list[str]()

    def full(self: Records, kind: str, name: str, body: Record) -> None:
        if kind == TRAINING_JOB.kind and len(refused) < 3:
            refused.append(name)
            raise sqlite3.OperationalError("database or disk is full")
        insert(self, kind, name, body)

    monkeypatch.setattr(Records, "insert", full)

    async def scene(stage: Stage) -> None:
        begin(stage, MaxNumberOfTrainingJobs=2)
        cloud = stage.cloud
        begun = await cloud.records.wait(
            TUNING_JOB.kind, "t", lambda now: len(now[children.FIELD]) == 2, 50
        )
        names = [child["TrainingJobName"] for child in begun[children.FIELD]]
        assert refused == [names[0]] * 3
        for name in names:
            TrainingJob.request_stop(cloud, name)
        found = await ended(stage)
        assert [child["TrainingJobStatus"] for child in found[children.FIELD]] == ["Stopped"] * 2

    act(scene)


def begin(stage: Stage, **limits: int) -> None:
    numbers = {"Name": "x", "MinValue": "0", "MaxValue": "1"}
    request = {
        "HyperParameterTuningJobName": "t",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
            "ResourceLimits": {"MaxParallelTrainingJobs": 2, **limits},
            "ParameterRanges": {"ContinuousParameterRanges": [numbers]},
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {"TrainingImage": IMAGE},
            "RoleArn": "arn:aws:iam::123456789012:role/r",
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        },
    }
    TuningJob.begin(stage.cloud, request)


async def ended(stage: Stage) -> Record:
    """The tuning job when it has ended."""
    return await stage.cloud.records.wait(
        TUNING_JOB.kind, "t", lambda now: now[TUNING_JOB.status] in ENDED, 50
    )
