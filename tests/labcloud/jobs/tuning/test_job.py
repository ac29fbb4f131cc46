"""A tuning job in this process, where its longest runtime may be shorter than AWS lets it be."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest
from moto.moto_api._internal.models import moto_api_backend

from labcloud.containers import images
from labcloud.jobs.states import ENDED
from labcloud.jobs.tuning import children, job
from tests.labcloud.jobs.conftest import Stage

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/patient:1"


def test_the_longest_runtime_ends_the_search_and_stops_what_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its training jobs never end by themselves."""
    here = str(Path(__file__).parent)
    monkeypatch.syspath_prepend(here)
    monkeypatch.setenv("PYTHONPATH", here)
    patient = images.BuiltIn("patient", "patient", re.compile("1"))
    monkeypatch.setitem(images.BUILT_IN, "patient", patient)

    async def scene() -> None:
        stage = Stage(tmp_path)
        try:
            await asyncio.wait_for(search(stage), 60)
        finally:
            await stage.close()

    asyncio.run(scene())
    moto_api_backend.reset()


async def search(stage: Stage) -> None:
    cloud, now = stage.cloud, time.time()
    numbers = {"Name": "x", "MinValue": "0", "MaxValue": "1"}
    record = {
        "HyperParameterTuningJobName": "t",
        "HyperParameterTuningJobArn": cloud.arns.sagemaker(job.KIND, "t"),
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
            "ResourceLimits": {"MaxParallelTrainingJobs": 2, "MaxRuntimeInSeconds": 2},
            "ParameterRanges": {"ContinuousParameterRanges": [numbers]},
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {"TrainingImage": IMAGE},
            "RoleArn": "arn:aws:iam::123456789012:role/r",
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        },
        job.STATUS: "InProgress",
        job.PROGRESS: "InProgress",
        children.FIELD: [],
        "CreationTime": now,
        "LastModifiedTime": now,
        "Tags": [],
    }
    cloud.records.insert(job.KIND, "t", record)
    job.start(cloud, "t")
    found = await cloud.records.wait(job.KIND, "t", lambda now: now[job.STATUS] in ENDED, 50)
    assert found[job.STATUS] == "Completed"
    assert [child["TrainingJobStatus"] for child in found[children.FIELD]] == ["Stopped"] * 2
    assert stage.running() == []
