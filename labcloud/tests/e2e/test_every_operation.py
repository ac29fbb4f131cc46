"""Whatever is sent to an operation, the answer is AWS's: a result, or a refusal with a code."""

from __future__ import annotations

import datetime
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.parsers import create_parser
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from labcloud.sagemaker.operations import OPERATIONS
from labcloud.sagemaker.protocol import service_model

from .existing import BY_MEMBER, EVERY_NAME
from .shapes import requests

MODEL = service_model("sagemaker")
CODES = {
    "ValidationException",
    "SerializationException",
    "ResourceInUse",
    "ResourceNotFound",
    "ResourceLimitExceeded",
    "ConflictException",
    "UnknownOperationException",
}


def send(environment: dict[str, str], operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """One signed call; the status, and the answer as botocore reads it."""
    url = environment["AWS_ENDPOINT_URL"] + "/"
    headers = {
        "X-Amz-Target": f"SageMaker.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
    }
    request = AWSRequest(method="POST", url=url, data=body, headers=headers)
    key = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(key, "sagemaker", "us-east-1").add_auth(request)
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    connection.request("POST", "/", body, dict(request.headers))
    response = connection.getresponse()
    answer = {
        "status_code": response.status,
        "headers": {name.lower(): value for name, value in response.getheaders()},
        "body": response.read(),
    }
    connection.close()
    shape = MODEL.operation_model(operation).output_shape
    parsed: dict[str, Any] = create_parser("json").parse(answer, shape)
    return response.status, parsed


@pytest.mark.usefixtures("endpoint", "trained", "tuned", "packaged", "executed")
@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_made_and_damaged_requests(cloud_environment: dict[str, str], operation: str) -> None:
    shape = MODEL.operation_model(operation).input_shape

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(requests(shape))
    def check(request: Any) -> None:
        # What other tests lean on must not be deleted or changed by chance.
        assume(not (operation.startswith(_CHANGING) and EVERY_NAME & set(_strings(request))))
        status, answer = send(cloud_environment, operation, json.dumps(request).encode())
        assert status < 500, (operation, request, answer)
        if status != 200:
            assert answer["Error"]["Code"] in CODES
            assert answer["Error"]["Message"]

    check()


@given(st.binary(max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_bodies_that_are_no_json(cloud_environment: dict[str, str], body: bytes) -> None:
    status, answer = send(cloud_environment, "ListModels", body)
    assert status in (200, 400)
    if status == 400:
        assert answer["Error"]["Code"] in CODES


def test_deep_nesting_is_refused(cloud_environment: dict[str, str]) -> None:
    status, answer = send(cloud_environment, "ListModels", b"[" * 100_000)
    assert (status, answer["Error"]["Code"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    "text",
    [r"\ud800", r"a\udfffb", r"\udc00\ud800", r"a\u0000"],
    ids=["high", "within", "the wrong order", "NUL"],
)
def test_half_a_character_is_refused(cloud_environment: dict[str, str], text: str) -> None:
    """It can neither be stored nor answered. The connection goes on."""
    for body in (f'{{"NameContains": "{text}"}}', f'{{"{text}": 1}}'):
        status, answer = send(cloud_environment, "ListModels", body.encode())
        assert (status, answer["Error"]["Code"]) == (400, "SerializationException")
    for whole in (rb'{"NameContains": "\u0061"}', rb'{"NameContains": "a"}'):
        assert send(cloud_environment, "ListModels", whole)[0] == 200


@pytest.mark.parametrize("time", ["1" + "0" * 400, "-1e999", "1e999", "NaN", '"99999-01-01"', '""'])
def test_a_time_that_is_none_is_refused(cloud_environment: dict[str, str], time: str) -> None:
    body = f'{{"LastModifiedTimeBefore": {time}}}'.encode()
    status, answer = send(cloud_environment, "ListTrainingJobs", body)
    assert (status, answer["Error"]["Code"]) == (400, "SerializationException")


# What names no resource of its own.
_ASKS_ABOUT_NOTHING = {"ListTags"}
_ASKING = [
    operation
    for operation in sorted(OPERATIONS)
    if operation.startswith(("Describe", "List")) and operation not in _ASKS_ABOUT_NOTHING
]


# What AWS's model does not require, and AWS does.
_REQUIRED = {"ListPipelineExecutionSteps": ["PipelineExecutionArn"]}


@pytest.mark.usefixtures("endpoint", "transformed", "tuned", "processed", "packaged")
@pytest.mark.parametrize("operation", _ASKING)
def test_answers_hold_what_the_model_requires(
    cloud_environment: dict[str, str], executed: str, operation: str
) -> None:
    """Every Describe and List of something that exists."""
    shape = MODEL.operation_model(operation).input_shape
    known = BY_MEMBER | {"PipelineExecutionArn": executed}
    members = _REQUIRED.get(operation, shape.required_members)
    request = {member: known[member] for member in members}
    status, answer = send(cloud_environment, operation, json.dumps(request).encode())
    assert status == 200
    _holds(answer, MODEL.operation_model(operation).output_shape, operation)


def _holds(value: Any, shape: Any, path: str) -> None:
    if shape.type_name == "structure":
        for name in shape.required_members:
            assert name in value, f"{path}.{name}"
        for name, member in shape.members.items():
            if name in value:
                _holds(value[name], member, f"{path}.{name}")
    elif shape.type_name == "list":
        for item in value:
            _holds(item, shape.member, f"{path}[]")
    elif shape.type_name == "timestamp":
        assert isinstance(value, datetime.datetime)


_CHANGING = ("Delete", "Update", "Stop")


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _strings(item)]
    return [text for item in value for text in _strings(item)] if isinstance(value, list) else []
