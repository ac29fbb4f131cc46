"""Containers that die, hang or will not stop, under the supervision of a real engine."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints import lifecycle
from labcloud.sagemaker.runtime.invoke import Invocations
from labcloud.sagemaker.training.job import TrainingJob
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.timings import Timings
from labcloud_support.algorithms import fake_image
from labcloud_support.clouds import LocalCloud
from labcloud_support.theatre import Theatre

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/stubborn:1"
Scene = Callable[[Cloud], Awaitable[None]]


@pytest.fixture
def play(tmp_path: Path, theatre: Theatre, timings: Timings) -> Iterator[Callable[[Scene], None]]:
    """Runs a scene with a cloud that has the image `stubborn`."""
    with fake_image("stubborn"):
        play = theatre.with_each(lambda: LocalCloud(tmp_path, theatre, timings))
        yield lambda scene: play(lambda local: scene(local.cloud))


async def status(cloud: Cloud, kind: str, name: str, field: str, *wanted: str) -> dict[str, Any]:
    """The record once its status is one of these."""
    return await cloud.records.wait(kind, name, lambda now: now[field] in wanted, 60)


def begin_training(cloud: Cloud, **hyperparameters: str) -> None:
    request = {
        "TrainingJobName": "job",
        "AlgorithmSpecification": {"TrainingImage": IMAGE},
        "HyperParameters": hyperparameters,
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/x"},
    }
    TrainingJob.begin(cloud, request)


async def lines(cloud: Cloud, group: str, wanted: str) -> list[str]:
    """The lines of a group's only stream, once one of them holds `wanted`."""
    backend = cloud.logs._backend
    while True:
        found = [
            event.message
            for each in (backend.groups[group].streams.values() if group in backend.groups else [])
            for event in each.events
        ]
        if any(wanted in line for line in found):
            return found
        await asyncio.sleep(0.02)


def begin_endpoint(cloud: Cloud, behaviour: str, **variant_: float) -> None:
    container = {"Image": IMAGE, "Environment": {"BEHAVIOUR": behaviour}}
    cloud.records.insert("model", "m", {"ModelName": "m", "PrimaryContainer": container})
    variant = {"VariantName": "AllTraffic", "ModelName": "m", "InitialInstanceCount": 1, **variant_}
    cloud.records.insert(
        "endpoint-config", "c", {"EndpointConfigName": "c", "ProductionVariants": [variant]}
    )
    cloud.records.insert(
        "endpoint",
        "e",
        {"EndpointName": "e", "EndpointStatus": "Creating", "EndpointConfigName": "c"},
    )
    lifecycle.create(cloud, "e")


async def in_service(cloud: Cloud) -> httpx.AsyncClient:
    found = await status(cloud, "endpoint", "e", "EndpointStatus", "InService", "Failed")
    assert found["EndpointStatus"] == "InService"
    routes = [Route("/endpoints/{name}/invocations", Invocations(cloud).handle, methods=["POST"])]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    return httpx.AsyncClient(transport=transport, base_url="http://labcloud", timeout=60)


async def until_it_answers(client: httpx.AsyncClient) -> list[httpx.Response]:
    """All answers up to the first that is no refusal; each comes, none hangs."""
    answers: list[httpx.Response] = []
    while not answers or answers[-1].status_code != 200:
        answers.append(await client.post("/endpoints/e/invocations", content=b"word"))
        await asyncio.sleep(0.01)
    assert answers[-1].content == b"WORD"
    return answers


@pytest.mark.timings(training_grace=0.3)
def test_a_job_that_ignores_sigterm_is_killed_after_the_grace(
    play: Callable[[Scene], None],
) -> None:
    async def scene(cloud: Cloud) -> None:
        begin_training(cloud, term="ignored")
        await lines(cloud, "/aws/sagemaker/TrainingJobs", "training")
        (pid,) = cloud.engine._nursery._children  # type: ignore[attr-defined]
        TrainingJob.request_stop(cloud, "job")
        began = time.monotonic()
        ended = await status(
            cloud, TRAINING_JOB.kind, "job", "TrainingJobStatus", "Stopped", "Failed"
        )
        assert ended["TrainingJobStatus"] == "Stopped"
        assert time.monotonic() - began >= 0.3
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        killed = "[labcloud] it did not end within 0.3 seconds of SIGTERM, and is killed"
        await lines(cloud, "/aws/sagemaker/TrainingJobs", killed)

    play(scene)


@pytest.mark.timings(serving_grace=0.3)
def test_a_model_server_that_ignores_sigterm_is_killed_and_its_log_says_so(
    play: Callable[[Scene], None], caplog: pytest.LogCaptureFixture
) -> None:
    """It is why a transform job, an update or `labcloud stop` takes half a minute longer."""

    async def scene(cloud: Cloud) -> None:
        begin_endpoint(cloud, "stay")
        await in_service(cloud)
        await lifecycle.shut_down(cloud)
        said = "the model server did not end after SIGTERM; it was killed after 0.3 s"
        assert f"[labcloud] {said}" in await lines(cloud, "/aws/sagemaker/Endpoints/e", "SIGTERM")
        assert said in caplog.messages

    play(scene)


def test_a_container_that_never_answers_ping_fails_its_endpoint(
    play: Callable[[Scene], None],
) -> None:
    """Once the time is over that its variant gives it."""

    async def scene(cloud: Cloud) -> None:
        begin_endpoint(cloud, "hang", ContainerStartupHealthCheckTimeoutInSeconds=1.0)
        failed = await status(cloud, "endpoint", "e", "EndpointStatus", "InService", "Failed")
        assert failed["EndpointStatus"] == "Failed"
        assert failed["FailureReason"] == (
            "The primary container for production variant AllTraffic did not pass the ping health "
            "check. Please check CloudWatch logs for this endpoint."
        )
        assert not cloud.engine._nursery._children  # type: ignore[attr-defined]

    play(scene)


def test_a_model_server_that_dies_is_started_again_and_no_request_hangs(
    play: Callable[[Scene], None],
) -> None:
    async def scene(cloud: Cloud) -> None:
        begin_endpoint(cloud, "serve")
        async with await in_service(cloud) as client:
            for _ in range(3):
                died = await client.post("/endpoints/e/invocations", content=b"die")
                assert died.status_code == 424
                assert died.json()["ErrorCode"] == "ModelError"
                for refused in (await until_it_answers(client))[:-1]:
                    assert refused.status_code == 424
                    assert refused.json()["ErrorCode"] == "ModelError"
        said = await lines(cloud, "/aws/sagemaker/Endpoints/e", "start 3")
        assert sum("ended with code 3; restarting it" in line for line in said) == 3

    play(scene)


@pytest.mark.timings(ping_deadline=5.0)
def test_one_that_hangs_when_it_is_started_again_is_killed_and_started_once_more(
    play: Callable[[Scene], None],
) -> None:
    async def scene(cloud: Cloud) -> None:
        begin_endpoint(cloud, "serve,hang,serve")
        async with await in_service(cloud) as client:
            await client.post("/endpoints/e/invocations", content=b"die")
            await lines(cloud, "/aws/sagemaker/Endpoints/e", "start 2: serve")
            await until_it_answers(client)

    play(scene)


@pytest.mark.timings(invocation=0.3)
def test_an_invocation_that_takes_too_long_is_a_model_error(
    play: Callable[[Scene], None],
) -> None:
    async def scene(cloud: Cloud) -> None:
        begin_endpoint(cloud, "serve")
        async with await in_service(cloud) as client:
            answer = await client.post("/endpoints/e/invocations", content=b"hang")
        assert answer.status_code == 424
        assert answer.json()["OriginalStatusCode"] == 0
        assert answer.json()["Message"].startswith(
            'Received server error (0) from primary with message "Your invocation timed out while '
            "waiting for a response from container primary. Review the latency metrics"
        )

    play(scene)


def test_jobs_and_endpoints_survive_the_process_that_forks(play: Callable[[Scene], None]) -> None:
    async def scene(cloud: Cloud) -> None:
        begin_endpoint(cloud, "serve")
        begin_training(cloud)
        async with await in_service(cloud) as client:
            await lines(cloud, "/aws/sagemaker/TrainingJobs", "training")
            cloud.engine._nursery._process.send_signal(signal.SIGKILL)  # type: ignore[attr-defined]
            lost = await status(cloud, TRAINING_JOB.kind, "job", "TrainingJobStatus", "Failed")
            assert lost["FailureReason"] == "AlgorithmError: , exit code: 137"
            await until_it_answers(client)

    play(scene)
