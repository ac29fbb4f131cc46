"""Whatever is sent to InvokeEndpoint, the answer is AWS's: a prediction, or one of its refusals."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.parsers import create_parser
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from labcloud.sagemaker.protocol import service_model

SHAPE = service_model("sagemaker-runtime").operation_model("InvokeEndpoint").output_shape
CODES = {
    "ModelError",
    "ValidationError",
    "InternalFailure",
    "ServiceUnavailable",
    "UnknownOperationException",
}
_TYPES = [
    "text/csv", "text/libsvm", "text/x-libsvm", "application/json", "application/jsonlines",
    "application/x-recordio-protobuf", "application/x-parquet", "application/x-npy",
]  # fmt: skip
_DAMAGED = [
    "text/csv; header=present", "text/csv;", ";", "/", "text/", "*/*", "text/csv; charset=utf-99",
    "text/csv, application/json", "TEXT/CSV", "text/csv; label_size=x", "a/b; q=\"", "q=0.5",
    "application/json;verbose=True", "text/csv;q=0, */*;q=2",
]  # fmt: skip
# What HTTP lets a header's value be: printable ASCII, spaces, and the rest of Latin-1.
_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=40
)
_VALUE = st.one_of(st.sampled_from(_TYPES), st.sampled_from(_DAMAGED), _TEXT)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": _VALUE,
        "Accept": _VALUE,
        "X-Amzn-SageMaker-Custom-Attributes": _TEXT,
        "X-Amzn-SageMaker-Target-Variant": st.one_of(st.just("AllTraffic"), _TEXT),
        "X-Amzn-SageMaker-Inference-Id": _TEXT,
        "X-Amzn-SageMaker-Prefix-Aware-Id": _TEXT,
    },
)
_NUMBER = st.one_of(
    st.floats().map(str), st.integers().map(str), st.sampled_from(["", "nan", "1e999", "-0", "x"])
)
_ROW = st.lists(_NUMBER, min_size=1, max_size=6).map(",".join)
_ENTRY = st.tuples(st.integers(-2, 2**33), _NUMBER).map(lambda pair: f"{pair[0]}:{pair[1]}")
BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(_ROW, max_size=4).map(lambda rows: "\n".join(rows).encode()),
    st.lists(_ENTRY, max_size=5).map(lambda entries: ("0 " + " ".join(entries)).encode()),
    st.text(max_size=50).map(lambda text: text.encode()),
    # The beginnings of the binary formats, and then anything.
    st.binary(max_size=60).map(lambda rest: b"\x0a\x23\xd7\xce" + rest),
    st.binary(max_size=60).map(lambda rest: b"PAR1" + rest + b"PAR1"),
    st.binary(max_size=60).map(lambda rest: b"\x93NUMPY\x01\x00" + rest),
)
NAMES = st.one_of(
    st.sampled_from(["endpoint-for-all", "ENDPOINT-FOR-ALL", "nobody", "..", ".", "a/b", "\0"]),
    st.text(min_size=1, max_size=70),
)


def invoke(
    environment: dict[str, str], name: str, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, Any]]:
    """One signed InvokeEndpoint; the status, and the answer as botocore reads it."""
    path = f"/endpoints/{quote(name, safe='')}/invocations"
    url = environment["AWS_ENDPOINT_URL"]
    request = AWSRequest(method="POST", url=url + path, data=body)
    key = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(key, "sagemaker", "us-east-1").add_auth(request)
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    # Not signed: what a signature makes of odd white space is not what is tested here.
    connection.request("POST", path, body, {**request.headers, **headers})
    response = connection.getresponse()
    answer = {
        "status_code": response.status,
        "headers": {name.lower(): value for name, value in response.getheaders()},
        "body": response.read(),
    }
    connection.close()
    if response.status >= 300:
        parsed: dict[str, Any] = create_parser("rest-json").parse(answer, SHAPE)
        return response.status, parsed
    return response.status, answer


def check(environment: dict[str, str], name: str, headers: dict[str, str], body: bytes) -> None:
    status, answer = invoke(environment, name, headers, body)
    assert status < 500, answer
    if status >= 300:
        assert answer["Error"]["Code"] in CODES, answer
        assert answer["Error"]["Message"]
    if status == 424:
        # Nothing that is sent makes the model server fall over.
        assert answer["Error"]["Message"].startswith("Received "), answer
        assert "(0)" not in answer["Error"]["Message"].partition("from primary")[0], answer


@pytest.mark.usefixtures("endpoint")
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(HEADERS, BODIES)
@example({"Content-Type": "text/csv"}, b"5.9,3.0,5.1,1.8")
@example({"Content-Type": "text/libsvm"}, b"0 4294967296:1")
@example({"Content-Type": "text/csv", "Accept": ""}, b"5.9,3.0,5.1,1.8")
@example({"Content-Type": "text/csv"}, b"")
def test_any_body_and_headers(
    cloud_environment: dict[str, str], headers: dict[str, str], body: bytes
) -> None:
    check(cloud_environment, "endpoint-for-all", headers, body)


@pytest.mark.parametrize(
    ("member", "header"),
    [
        ("SessionId", "X-Amzn-SageMaker-Session-Id"),
        ("TargetContainerHostname", "X-Amzn-SageMaker-Target-Container-Hostname"),
        ("InferenceComponentName", "X-Amzn-SageMaker-Inference-Component"),
        ("EnableExplanations", "X-Amzn-SageMaker-Enable-Explanations"),
    ],
)
def test_what_labcloud_does_not_have_is_refused_by_name(
    cloud_environment: dict[str, str], endpoint: str, member: str, header: str
) -> None:
    status, answer = invoke(cloud_environment, endpoint, {header: "x"}, b"5.9,3.0,5.1,1.8")
    assert status == 400
    assert answer["Error"] == {
        "Code": "ValidationError",
        "Message": f"labcloud does not implement {member} of InvokeEndpoint.",
    }


@pytest.mark.parametrize(
    ("header", "value", "said"),
    [
        ("Custom-Attributes", "x" * 1025, "at 'customAttributes' failed to satisfy constraint"),
        ("Inference-Id", "x" * 65, "at 'inferenceId' failed to satisfy constraint"),
    ],
)
def test_headers_that_are_too_long(
    cloud_environment: dict[str, str], endpoint: str, header: str, value: str, said: str
) -> None:
    headers = {f"X-Amzn-SageMaker-{header}": value}
    status, answer = invoke(cloud_environment, endpoint, headers, b"5.9,3.0,5.1,1.8")
    assert (status, answer["Error"]["Code"]) == (400, "ValidationError")
    assert said in answer["Error"]["Message"]


@pytest.mark.usefixtures("endpoint")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(NAMES, HEADERS)
def test_any_endpoint_name(
    cloud_environment: dict[str, str], name: str, headers: dict[str, str]
) -> None:
    check(cloud_environment, name, headers, b"5.9,3.0,5.1,1.8")


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(_TYPES), st.integers(1, 400_000))
def test_long_bodies(
    cloud_environment: dict[str, str], endpoint: str, content_type: str, size: int
) -> None:
    """Over the size that the model server answers on its event loop."""
    body = b"1,2,3,4\n" * size
    check(cloud_environment, endpoint, {"Content-Type": content_type}, body[: 6 * 1024**2])


def test_the_endpoint_predicts_after_all_of_it(
    cloud_environment: dict[str, str], endpoint: str
) -> None:
    headers = {"Content-Type": "text/csv"}
    status, answer = invoke(cloud_environment, endpoint, headers, b"5.9,3.0,5.1,1.8")
    assert status == 200
    assert len(answer["body"].split(b",")) == 3
