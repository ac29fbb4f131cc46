"""InvokeEndpointWithResponseStream through boto3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROWS = "5.9,3.0,5.1,1.8\n" * 40_000


@pytest.fixture
def stream(client: Callable[[str], Any], endpoint: str) -> Callable[..., Any]:
    runtime = client("sagemaker-runtime")

    def call(body: str, **arguments: Any) -> Any:
        given = {"ContentType": "text/csv", "EndpointName": endpoint} | arguments
        return runtime.invoke_endpoint_with_response_stream(Body=body, **given)

    return call


def test_its_parts_are_the_answer_of_invoke_endpoint(
    client: Callable[[str], Any], endpoint: str, stream: Callable[..., Any]
) -> None:
    whole = client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint, ContentType="text/csv", Body=ROWS
    )
    answer = stream(ROWS)
    assert answer["ContentType"] == whole["ContentType"]
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    parts = [event["PayloadPart"]["Bytes"] for event in answer["Body"]]
    assert len(parts) > 1
    assert b"".join(parts) == whole["Body"].read()


def test_the_container_sees_what_is_accepted(stream: Callable[..., Any]) -> None:
    answer = stream("5.9,3.0,5.1,1.8", Accept="application/json")
    assert answer["ContentType"] == "application/json"
    (event,) = answer["Body"]
    assert event["PayloadPart"]["Bytes"].startswith(b'{"predictions"')


def test_what_the_container_refuses_is_a_model_error(stream: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as refused:
        stream("x", ContentType="image/png")
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert (answer["Error"]["Code"], answer["OriginalStatusCode"]) == ("ModelError", 415)


def test_refusals_are_those_of_invoke_endpoint(stream: Callable[..., Any]) -> None:
    with pytest.raises(ClientError, match="Endpoint nobody of account 123456789012 not found"):
        stream("x", EndpointName="nobody")
    with pytest.raises(ClientError, match="less than or equal to 26214400"):
        stream("1" * 26_214_401)
