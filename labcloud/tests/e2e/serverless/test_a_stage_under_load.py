"""Fifty visitors of a stage whose function calls an endpoint, while the endpoint is updated."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from labcloud.client import launch
from labcloud.functions.pool import CONCURRENCY
from labcloud_support.life import Life
from labcloud_support.resources import IMAGE, ROLE, undeploy, variant

from . import behind

pytestmark = pytest.mark.slow

Client = Callable[[str], Any]

VISITORS = 50
ROW = "5.9,3.0,5.1,1.8"
PREDICTS = """
import os
import boto3

runtime = boto3.client("sagemaker-runtime")

def handler(event, context):
    answer = runtime.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT"], ContentType="text/csv", Body=event["body"]
    )
    return {"statusCode": 200, "body": answer["InvokedProductionVariant"]}
"""


class Visitors:
    """Threads that call a stage again and again, each on a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(VISITORS)
        self.answers: Counter[tuple[int, str]] = Counter()
        self.seen = threading.Condition()

    def __enter__(self) -> Visitors:
        self._futures = [self._pool.submit(self._visit) for _ in range(VISITORS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pool.shutdown()
        for future in self._futures:
            future.result()

    def _visit(self) -> None:
        with httpx.Client(verify=False, trust_env=False, timeout=60) as visitor:
            headers = {"Content-Type": "text/csv", "Origin": "http://127.0.0.1:8888"}
            while not self._over.is_set():
                answer = visitor.post(self._url, content=ROW, headers=headers)
                with self.seen:
                    self.answers[answer.status_code, answer.text] += 1
                    self.seen.notify_all()

    def wait_for(self, text: str, more_than: int = 0) -> None:
        """Waits until the variant of this name has answered as many times as there are visitors."""
        enough = more_than + VISITORS
        with self.seen:
            found = self.seen.wait_for(
                lambda: self.answers[200, text] >= enough or self._failed(), timeout=120
            )
        assert found and not self._failed(), self.answers

    def _failed(self) -> bool:
        return any(status != 200 for status, _ in self.answers)


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Life]:
    """A server on which a visitor may wait for one of the places almost as long as the API does."""
    found = Life(tmp_path / "home", "--timing", "function_room=25", "--timing", "function_init=60")
    yield found
    launch.stop(found.home)


@pytest.fixture
def changing(patient: Life, client: Client, trained: dict[str, Any], name: str) -> Iterator[str]:
    """An endpoint of the variant Blue, and the configurations <name>-blue and <name>-green."""
    uri = trained["ModelArtifacts"]["S3ModelArtifacts"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    artifact = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    s3, sagemaker = patient.client("s3"), patient.client("sagemaker")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=artifact)
    container = {"Image": IMAGE, "ModelDataUrl": uri}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    for end in ("Blue", "Green"):
        sagemaker.create_endpoint_config(
            EndpointConfigName=f"{name}-{end}", ProductionVariants=[variant(name, end)]
        )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-Blue")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    yield name
    undeploy(sagemaker, name)


def warm(functions: Any, name: str) -> None:
    """Starts processes of a function, up to as many as there may be."""
    event = json.dumps({"body": ROW})
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        calls = [
            pool.submit(functions.invoke, FunctionName=name, Payload=event)
            for _ in range(CONCURRENCY)
        ]
    assert not [each for each in calls if "FunctionError" in each.result()]


def test_no_visitor_is_refused_while_the_endpoint_is_updated(patient: Life, changing: str) -> None:
    client, sagemaker = patient.client, patient.client("sagemaker")
    function = behind.make(
        client, changing, PREDICTS, Timeout=60, Environment={"Variables": {"ENDPOINT": changing}}
    )
    behind.allow(client, changing, "*")
    api = client("apigatewayv2").create_api(
        Name=changing,
        ProtocolType="HTTP",
        Target=function,
        CorsConfiguration={"AllowOrigins": ["http://127.0.0.1:8888"]},
    )
    try:
        warm(client("lambda"), changing)
        with Visitors(api["ApiEndpoint"]) as visitors:
            visitors.wait_for("Blue")
            for end in ("Green", "Blue"):
                before = visitors.answers[200, end]
                sagemaker.update_endpoint(
                    EndpointName=changing, EndpointConfigName=f"{changing}-{end}"
                )
                sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=changing)
                visitors.wait_for(end, more_than=before)
        print(f"{visitors.answers.total()} visits answered")
        assert set(visitors.answers) == {(200, "Blue"), (200, "Green")}
    finally:
        client("apigatewayv2").delete_api(ApiId=api["ApiId"])
        behind.remove(client, changing)
