"""Jobs and endpoints whose image has neither `train` nor `serve`: they fail in AWS's words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from labcloud.containers.docker import DockerEngine
from labcloud.sagemaker.endpoints import lifecycle
from labcloud.sagemaker.endpoints.resource import ENDPOINT
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud_support.docker import BUILD_OPTIONS, base_argument, docker, require_docker

from ...sagemaker.conftest import IMAGE, Play, Stage

NO_TRAIN = 'exec: "train": executable file not found in $PATH'
NO_SERVE = 'exec: "serve": executable file not found in $PATH'
NOT_STARTED = (
    "CannotStartContainerError. Please ensure the model container for variant {} starts correctly "
    "when invoked with 'docker run <image> serve'"
)


@pytest.fixture(scope="module", autouse=True)
def bare_image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    require_docker()
    folder = tmp_path_factory.mktemp("bare")
    (folder / "Dockerfile").write_text(
        f"ARG BASE={base_argument()}\nFROM ${{BASE}}\nLABEL bare=1\n"
    )
    docker("build", "--tag", IMAGE, *BUILD_OPTIONS, folder, seconds=600)
    yield
    docker("image", "rm", "--force", IMAGE)


@asynccontextmanager
async def with_docker(stage: Stage) -> AsyncIterator[None]:
    """The stage's cloud has this engine as long as this lasts."""
    before = stage.cloud.engine
    engine = DockerEngine(stage.folder)
    await engine.start()
    stage.cloud.engine = engine
    try:
        yield
    finally:
        await engine.close()
        stage.cloud.engine = before


def logged(stage: Stage, group: str) -> list[str]:
    streams = stage.cloud.logs._backend.groups[group].streams.values()
    return [event.message for stream in streams for event in stream.events]


def test_a_training_job_without_train(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        async with with_docker(stage):
            request = {
                "TrainingJobName": "job",
                "AlgorithmSpecification": {"TrainingImage": IMAGE},
                "OutputDataConfig": {"S3OutputPath": "s3://bucket/x"},
            }
            await TrainingJob.begin(stage.cloud, request)
        found = stage.cloud.records.get(TRAINING_JOB.kind, "job")
        assert found["TrainingJobStatus"] == "Failed"
        assert found["FailureReason"] == f"AlgorithmError: {NO_TRAIN}"
        assert logged(stage, "/aws/sagemaker/TrainingJobs") == [NO_TRAIN]

    act(scene)


def test_an_endpoint_without_serve(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        async with with_docker(stage):
            model = {"ModelName": "m", "PrimaryContainer": {"Image": IMAGE}}
            variant = {"VariantName": "AllTraffic", "ModelName": "m", "InitialInstanceCount": 1}
            config = {"EndpointConfigName": "c", "ProductionVariants": [variant]}
            record = {
                "EndpointName": "e",
                "EndpointStatus": "Creating",
                "EndpointConfigName": "c",
            }
            stage.cloud.records.insert("model", "m", model)
            stage.cloud.records.insert("endpoint-config", "c", config)
            stage.cloud.records.insert(ENDPOINT.kind, "e", record)
            lifecycle.create(stage.cloud, "e")
            await stage.cloud.tasks[ENDPOINT.kind, "e"]
        found = stage.cloud.records.get(ENDPOINT.kind, "e")
        assert found["EndpointStatus"] == "Failed"
        assert found["FailureReason"] == NOT_STARTED.format("AllTraffic")

    act(scene)


def test_a_transform_job_without_serve(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"1\n")
        async with with_docker(stage):
            found = await stage.run()
        assert found["TransformJobStatus"] == "Failed"
        reason = NOT_STARTED.format(found["TransformJobName"])
        assert found["FailureReason"] == f"AlgorithmError: {reason}"

    act(scene)


def test_a_failed_start_leaves_nothing(act: Play, tmp_path: Path) -> None:
    """What a failed start has made is gone: no container, and no folder of the job."""

    async def scene(stage: Stage) -> None:
        stage.put(a=b"1\n")
        async with with_docker(stage):
            await stage.run()
            label = f"label=labcloud.home={tmp_path}"
            assert docker("ps", "--all", "--quiet", "--filter", label).stdout == ""
        assert list((tmp_path / "jobs" / "transform-job").iterdir()) == []

    act(scene)
