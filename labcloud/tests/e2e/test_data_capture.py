"""DataCaptureConfig: what an endpoint is asked and answers is in S3."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import eventually
from labcloud_support.resources import undeploy, variant

ROW = "5.9,3.0,5.1,1.8"
KEY = re.compile(
    r"captured/(?P<endpoint>[\w-]+)/(?P<variant>\w+)/\d{4}/\d\d/\d\d/\d\d/"
    r"\d\d-\d\d-\d{3}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.jsonl"
)
Captured = Callable[[str], list[dict[str, Any]]]


def capture(bucket: str, **changes: Any) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json"],
        },
        **changes,
    }


@pytest.fixture
def captured(client: Callable[[str], Any], bucket: str) -> Captured:
    """All lines of an endpoint that are in S3."""
    s3 = client("s3")

    def read(name: str) -> list[dict[str, Any]]:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"captured/{name}/")
        keys = [each["Key"] for each in listed.get("Contents", [])]
        assert all(KEY.fullmatch(key) for key in keys), keys
        bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
        return [json.loads(line) for body in bodies for line in body.splitlines()]

    return read


@pytest.fixture
def capturing(sagemaker: Any, bucket: str, model: str, name: str) -> Iterator[Callable[..., str]]:
    """Makes the test's endpoint, with a DataCaptureConfig that is changed so."""

    def make(**changes: Any) -> str:
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[variant(model)],
            DataCaptureConfig=capture(bucket, **changes),
        )
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
        return name

    yield make
    if sagemaker.list_endpoints(NameContains=name)["Endpoints"]:
        undeploy(sagemaker, name)


@pytest.fixture
def invoke(client: Callable[[str], Any]) -> Callable[..., Any]:
    runtime = client("sagemaker-runtime")
    return lambda name, **arguments: runtime.invoke_endpoint(
        **{"EndpointName": name, "ContentType": "text/csv", "Body": ROW, **arguments}
    )


def test_a_call_is_one_line(
    capturing: Callable[..., str], invoke: Callable[..., Any], captured: Captured
) -> None:
    name = capturing()
    answer = invoke(name, InferenceId="mine", CustomAttributes="trace=1")["Body"].read().decode()
    (line,) = eventually(lambda: captured(name), "a line is in S3")
    metadata = line["eventMetadata"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata.pop("inferenceTime"))
    assert len(metadata.pop("eventId")) == 36
    assert metadata == {"inferenceId": "mine", "customAttributes": ["trace=1"]}
    assert line["eventVersion"] == "0"
    assert line["captureData"] == {
        "endpointInput": {
            "observedContentType": "text/csv", "mode": "INPUT", "data": ROW, "encoding": "CSV"
        },
        "endpointOutput": {
            "observedContentType": "text/csv; charset=utf-8",
            "mode": "OUTPUT",
            "data": answer,
            "encoding": "CSV",
        },
    }  # fmt: skip


def test_other_content_types_are_base64(
    capturing: Callable[..., str], invoke: Callable[..., Any], captured: Captured
) -> None:
    name = capturing(CaptureOptions=[{"CaptureMode": "InputAndOutput"}])
    invoke(name, ContentType="text/libsvm", Body="0:5.9 1:3.0", Accept="application/json")
    (line,) = eventually(lambda: captured(name), "a line is in S3")
    asked = line["captureData"]["endpointInput"]
    assert (asked["encoding"], base64.b64decode(asked["data"])) == ("BASE64", b"0:5.9 1:3.0")
    answered = line["captureData"]["endpointOutput"]
    assert answered["encoding"] == "JSON"
    assert "predictions" in json.loads(answered["data"])


def test_only_what_is_asked_for_is_captured(
    capturing: Callable[..., str], invoke: Callable[..., Any], captured: Captured
) -> None:
    name = capturing(CaptureOptions=[{"CaptureMode": "Output"}])
    invoke(name)
    (line,) = eventually(lambda: captured(name), "a line is in S3")
    assert set(line["captureData"]) == {"endpointOutput"}


def test_nothing_is_lost_when_the_endpoint_goes(
    sagemaker: Any, capturing: Callable[..., str], invoke: Callable[..., Any], captured: Captured
) -> None:
    name = capturing()
    for _ in range(20):
        invoke(name)
    undeploy(sagemaker, name)
    assert len(captured(name)) == 20


def test_an_update_changes_the_capture_and_loses_nothing(
    sagemaker: Any, config: str, capturing: Callable[..., str], invoke: Callable[..., Any],
    captured: Captured, bucket: str,
) -> None:  # fmt: skip
    name = capturing()
    assert sagemaker.describe_endpoint(EndpointName=name)["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/captured",
    }
    for _ in range(5):
        invoke(name)
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    invoke(name)
    assert "DataCaptureConfig" not in sagemaker.describe_endpoint(EndpointName=name)
    assert (
        len(eventually(lambda: len(captured(name)) >= 5 and captured(name), "all are there")) == 5
    )


@pytest.mark.parametrize("changes", [{"EnableCapture": False}, {"InitialSamplingPercentage": 0}])
def test_nothing_is_captured_that_should_not_be(
    sagemaker: Any, capturing: Callable[..., str], invoke: Callable[..., Any], captured: Captured,
    changes: dict[str, Any],
) -> None:  # fmt: skip
    name = capturing(**changes)
    invoke(name)
    status = sagemaker.describe_endpoint(EndpointName=name)["DataCaptureConfig"]["CaptureStatus"]
    assert status == ("Stopped" if "EnableCapture" in changes else "Started")
    undeploy(sagemaker, name)
    assert captured(name) == []


def test_a_call_succeeds_where_the_capture_cannot_be_written(
    capturing: Callable[..., str], invoke: Callable[..., Any]
) -> None:
    name = capturing(DestinationS3Uri="s3://no-such-bucket/captured")
    assert invoke(name)["InvokedProductionVariant"] == "AllTraffic"


def test_a_destination_must_be_in_s3(sagemaker: Any, bucket: str, model: str, name: str) -> None:
    with pytest.raises(ClientError, match=r"is not an S3 URI|failed to satisfy constraint"):
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[variant(model)],
            DataCaptureConfig=capture(bucket, DestinationS3Uri="file:///captured"),
        )
