"""Many clients invoke an endpoint while many jobs train: every answer right, memory bounded."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config

from labcloud import launch
from labcloud.environment import pointed_at
from labcloud.home import Home
from tests.e2e.conftest import IMAGE, variant

pytestmark = pytest.mark.slow

CLIENTS, JOBS, ROWS = 50, 20, 8
# What the server process may take, its children excluded (bytes).
MEMORY = 700 * 1024**2
# How often it is measured (seconds).
EVERY = 0.05


class Memory:
    """The most that a server, and all its processes together, have had in memory (bytes)."""

    def __init__(self, pid: int) -> None:
        self._server = psutil.Process(pid)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self.server = self.family = 0

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(EVERY):
            own = self._server.memory_info().rss
            self.server = max(self.server, own)
            self.family = max(self.family, own + sum(map(_rss, self._server.children(True))))


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, Callable[[str], Any]]]:
    """A server of its own, as its process and its clients, which never try again."""
    home = Home(tmp_path / "home")
    running = launch.start(home, ["--port", "0"], detach=False)
    environment = pointed_at(home, running, {})
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
    )
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=CLIENTS)
    yield (
        running.pid,
        lambda name: session.client(name, endpoint_url=running.url, config=config),
    )
    launch.stop(home)


def rows_of(client: int) -> str:
    """A client's own rows: each of four measures of an iris."""
    numbers = random.Random(client)
    limits = [(4.3, 7.9), (2.0, 4.4), (1.0, 6.9), (0.1, 2.5)]
    rows = [[f"{numbers.uniform(*limit):.2f}" for limit in limits] for _ in range(ROWS)]
    return "\n".join(",".join(row) for row in rows)


def test_fifty_clients_and_twenty_jobs_at_once(
    server: tuple[int, Callable[[str], Any]],
    golden: dict[str, Any],
    request_of: Callable[..., dict[str, Any]],
    bucket: str,
) -> None:
    pid, client = server
    s3, sagemaker, runtime = map(client, ("s3", "sagemaker", "sagemaker-runtime"))
    case = golden["softprob"]
    s3.create_bucket(Bucket=bucket)
    for name in case["channels"].values():
        s3.put_object(Bucket=bucket, Key=f"{name}/data", Body=golden["files"][name].encode())

    def finish(name: str) -> dict[str, Any]:
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
        described: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        return described

    def invoke(rows: str) -> bytes:
        answer = runtime.invoke_endpoint(EndpointName="e", ContentType="text/csv", Body=rows)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        body: bytes = answer["Body"].read()
        return body

    sagemaker.create_training_job(**request_of("first", case))
    artifact = finish("first")["ModelArtifacts"]["S3ModelArtifacts"]
    container = {"Image": IMAGE, "ModelDataUrl": artifact}
    sagemaker.create_model(ModelName="m", PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant("m")])
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="e")
    rows = [rows_of(number) for number in range(CLIENTS)]
    right = [invoke(each) for each in rows]
    assert len(set(right)) == CLIENTS, "a client with another's answer would not be noticed"
    trained = threading.Event()

    def keep_invoking(number: int) -> int:
        """Until all jobs are done; the number of answers, all of them right."""
        count = 0
        while not (count and trained.is_set()):
            assert invoke(rows[number]) == right[number], f"answer {count} to client {number}"
            count += 1
        return count

    names = [f"job-{number}" for number in range(JOBS)]
    with Memory(pid) as memory, ThreadPoolExecutor(CLIENTS) as pool:
        try:
            clients = [pool.submit(keep_invoking, number) for number in range(CLIENTS)]
            for name in names:
                sagemaker.create_training_job(**request_of(name, case))
            jobs = [finish(name) for name in names]
        finally:
            trained.set()
        counts = [each.result() for each in clients]

    print(f"{sum(counts)} invocations, {min(counts)} to {max(counts)} a client")
    print(f"peak memory of the server {memory.server / 1024**2:.0f} MB")
    print(f"peak memory of all its processes {memory.family / 1024**2:.0f} MB")
    assert [job["TrainingJobStatus"] for job in jobs] == ["Completed"] * JOBS
    for job in jobs:
        key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{bucket}/")
        assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] > 0
    listed = sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
    assert {job["TrainingJobName"] for job in listed} == {"first", *names}
    assert memory.server < MEMORY
