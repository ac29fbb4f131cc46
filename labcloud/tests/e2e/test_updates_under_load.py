"""Clients call all the while that an endpoint changes: every call is answered, and rightly."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config

from labcloud_support.life import ONCE
from labcloud_support.resources import IMAGE, ROLE, files_below, undeploy, variant

pytestmark = pytest.mark.slow

CLIENTS = 6
ROWS = "5.9,3.0,5.1,1.8\n5.4,3.0,4.5,1.5"


class Callers:
    """Threads that invoke an endpoint again and again, without a second try."""

    def __init__(self, runtime: Any, name: str) -> None:
        self._runtime, self._name = runtime, name
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(CLIENTS)
        self.answers: Counter[tuple[str, bytes]] = Counter()

    def __enter__(self) -> Callers:
        self._futures = [self._pool.submit(self._call) for _ in range(CLIENTS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pool.shutdown()
        for future in self._futures:
            self.answers.update(future.result())

    def _call(self) -> Counter[tuple[str, bytes]]:
        found: Counter[tuple[str, bytes]] = Counter()
        while not self._over.is_set():
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._name, ContentType="text/csv", Body=ROWS
            )
            found[answer["InvokedProductionVariant"], answer["Body"].read()] += 1
        return found


@pytest.fixture
def runtime(session: boto3.Session, cloud_environment: dict[str, str]) -> Any:
    config = Config(retries=ONCE, max_pool_connections=CLIENTS)
    url = cloud_environment["AWS_ENDPOINT_URL"]
    return session.client("sagemaker-runtime", endpoint_url=url, config=config)


@pytest.fixture
def changing(
    sagemaker: Any, client: Callable[[str], Any], bucket: str, model: str, name: str
) -> Iterator[str]:
    """An endpoint of the variant Blue; the configurations <name>-green, -both and -bad."""
    client("s3").put_object(Bucket=bucket, Key="unloadable/xgboost-model", Body=b"no model")
    container = {"Image": IMAGE, "ModelDataSource": files_below(f"s3://{bucket}/unloadable/")}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    blue, green = variant(model, "Blue"), variant(model, "Green", InitialInstanceCount=2)
    for end, variants in {
        "blue": [blue],
        "green": [green],
        "both": [blue, green],
        "bad": [variant(name, "Blue")],
    }.items():
        sagemaker.create_endpoint_config(
            EndpointConfigName=f"{name}-{end}", ProductionVariants=variants
        )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-blue")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    yield name
    undeploy(sagemaker, name)


def test_no_request_is_lost_or_refused(
    sagemaker: Any, runtime: Any, changing: str, golden: dict[str, Any]
) -> None:
    right = runtime.invoke_endpoint(EndpointName=changing, ContentType="text/csv", Body=ROWS)
    expected = right["Body"].read()

    def settle() -> dict[str, Any]:
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=changing)
        described: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=changing)
        return described

    def update(end: str) -> dict[str, Any]:
        sagemaker.update_endpoint(EndpointName=changing, EndpointConfigName=f"{changing}-{end}")
        return settle()

    def scale(*wanted: dict[str, Any]) -> None:
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=changing, DesiredWeightsAndCapacities=list(wanted)
        )
        assert "FailureReason" not in settle()

    with Callers(runtime, changing) as callers:
        for end in ("green", "blue", "green", "both"):
            found = update(end)
            assert found["EndpointConfigName"] == f"{changing}-{end}"
            assert "FailureReason" not in found
        for weight in (0.0, 3.0):
            scale({"VariantName": "Blue", "DesiredWeight": weight})
        for count in (3, 1):
            scale({"VariantName": "Blue", "DesiredInstanceCount": count})
        assert "did not pass the ping" in update("bad")["FailureReason"]
        assert update("blue")["EndpointConfigName"] == f"{changing}-blue"

    print(f"{callers.answers.total()} calls answered")
    assert {body for _, body in callers.answers} == {expected}
    assert {name for name, _ in callers.answers} == {"Blue", "Green"}
