"""Many clients invoke an endpoint while many jobs train: every answer right, memory bounded."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from labcloud_support.life import ONCE, Life
from labcloud_support.memory import MB, Watch
from labcloud_support.resources import deploy, upload

pytestmark = pytest.mark.slow

CLIENTS, JOBS, ROWS = 50, 20, 8
# What the server process may take, its children excluded (bytes).
MEMORY = 700 * MB


def rows_of(client: int) -> str:
    """A client's own rows: each of four measures of an iris."""
    numbers = random.Random(client)
    limits = [(4.3, 7.9), (2.0, 4.4), (1.0, 6.9), (0.1, 2.5)]
    rows = [[f"{numbers.uniform(*limit):.2f}" for limit in limits] for _ in range(ROWS)]
    return "\n".join(",".join(row) for row in rows)


def test_fifty_clients_and_twenty_jobs_at_once(
    life_alone: Life,
    golden: dict[str, Any],
    request_of: Callable[..., dict[str, Any]],
    bucket: str,
) -> None:
    s3, sagemaker, runtime = (
        life_alone.client(service, retries=ONCE, max_pool_connections=CLIENTS)
        for service in ("s3", "sagemaker", "sagemaker-runtime")
    )
    case = golden["softprob"]
    upload(s3, bucket, golden, case["channels"].values())

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
    deploy(sagemaker, "e", finish("first")["ModelArtifacts"]["S3ModelArtifacts"])
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
    with Watch(life_alone.running.pid) as memory, ThreadPoolExecutor(CLIENTS) as pool:
        try:
            clients = [pool.submit(keep_invoking, number) for number in range(CLIENTS)]
            for name in names:
                sagemaker.create_training_job(**request_of(name, case))
            jobs = [finish(name) for name in names]
        finally:
            trained.set()
        counts = [each.result() for each in clients]

    print(f"{sum(counts)} invocations, {min(counts)} to {max(counts)} a client")
    print(f"peak memory of the server {memory.server / MB:.0f} MB")
    print(f"peak memory of all its processes {memory.family / MB:.0f} MB")
    assert [job["TrainingJobStatus"] for job in jobs] == ["Completed"] * JOBS
    for job in jobs:
        key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{bucket}/")
        assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] > 0
    listed = sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
    assert {job["TrainingJobName"] for job in listed} == {"first", *names}
    assert memory.server < MEMORY
