"""Malformed requests to the services that moto answers: each gets an error that its SDK reads."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labcloud.sagemaker.protocol import service_model

from .wire import Answer, Wire

TARGETS = {"logs": "Logs_20140328", "ecr": "AmazonEC2ContainerRegistry_V20150921"}
OPERATIONS = {
    "logs": ("DescribeLogGroups", "GetLogEvents", "CreateLogStream", "PutLogEvents", "Foo", ""),
    "ecr": ("DescribeRepositories", "PutImage", "CompleteLayerUpload", "CreateRepository", "Foo"),
}
BODIES = [
    b"{", b"[]", b"null", b"5", b'"x"', b"\xff", b"[" * 100_000, b'{"limit": "x"}', b'{"a": NaN}',
    b'{"logGroupName": "\\ud800"}', b'{"repositoryNames": 5}', b'{"nextToken": 5, "limit": -1}',
    b'{"limit": 1e400}', b'{"repositoryName": {}, "imageManifest": []}', b'{"layerDigests": 5}',
    b'{"repositoryName": "a", "imageManifest": "{\\"layers\\": [5]}"}', b"\xef\xbb\xbf{}",
]  # fmt: skip

FIELDS = (
    "logGroupName", "logStreamName", "logEvents", "limit", "nextToken", "maxResults", "filter",
    "repositoryName", "repositoryNames", "imageManifest", "imageIds", "layerDigests", "uploadId",
)  # fmt: skip


def read(answer: Answer, service: str) -> str:
    """The code of an error, as an SDK of a JSON service reads it."""
    assert answer.status < 500, answer.body
    if answer.status == 200:
        return "done"
    assert "json" in answer.headers["content-type"]
    return str(json.loads(answer.body)["__type"])


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:20]))
@pytest.mark.parametrize("service", ["logs", "ecr"])
def test_a_service_in_json(wire: Wire, service: str, body: bytes) -> None:
    for operation in OPERATIONS[service]:
        code = read(
            wire.ask(
                service, "POST", "/", body, x_amz_target=f"{TARGETS[service]}.{operation}",
                content_type="application/x-amz-json-1.1",
            ),
            service,
        )  # fmt: skip
        if operation in ("Foo", ""):
            assert code == "UnknownOperationException"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_service_in_json_of_any_fields(wire: Wire, data: st.DataObject) -> None:
    service = data.draw(st.sampled_from(["logs", "ecr"]))
    operation = data.draw(st.sampled_from(OPERATIONS[service]))
    names = st.sampled_from(FIELDS)
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=5,
    )
    body = json.dumps(data.draw(st.dictionaries(names, values, max_size=4))).encode()
    target = f"{TARGETS[service]}.{operation}"
    read(wire.ask(service, "POST", "/", body, x_amz_target=target), service)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "MissingAction"),
        ("Action=", "MissingAction"),
        ("Action=Foo", "InvalidAction"),
        ("Action=%ff", "InvalidAction"),
        ("Action=AssumeRole", "ValidationError"),
        ("Action=AssumeRole&RoleArn.member.1=x&RoleSessionName=s1", "ValidationError"),
        ("Action=AssumeRole&RoleArn=x&RoleSessionName=s", "ValidationError"),
        ("Action=GetSessionToken&DurationSeconds=x", "ValidationError"),
        ("Action=GetSessionToken&DurationSeconds=1", "ValidationError"),
        ("Action=GetSessionToken&DurationSeconds=" + "9" * 5000, "ValidationError"),
    ],
)
def test_a_service_in_forms(wire: Wire, body: str, code: str) -> None:
    kind = "application/x-www-form-urlencoded"
    answer = wire.ask("sts", "POST", "/", body.encode(), content_type=kind)
    assert answer.status == 400
    assert answer.read("sts", "GetCallerIdentity")["Error"]["Code"] == code


ARGUMENT, XML = (400, "InvalidArgument"), (400, "MalformedXML")
NOT_ALLOWED = (405, "MethodNotAllowed")


@pytest.mark.parametrize(
    ("method", "target", "body", "headers", "expected"),
    [
        ("GET", "?max-keys=x", "", {}, ARGUMENT),
        ("GET", "?list-type=2&max-keys=-1", "", {}, ARGUMENT),
        ("GET", "?versions&max-keys=x", "", {}, ARGUMENT),
        ("GET", "?uploads&max-uploads=x", "", {}, ARGUMENT),
        ("GET", "/k?uploadId=x&max-parts=x", "", {}, ARGUMENT),
        ("GET", "?list-type=2&continuation-token=x", "", {}, ARGUMENT),
        ("GET", "/k?partNumber=x", "", {}, ARGUMENT),
        ("PUT", "/k?partNumber=0&uploadId=x", "x", {}, ARGUMENT),
        ("PUT", "/k", "x", {"x_amz_acl": "foo"}, ARGUMENT),
        ("PUT", "?versioning", "<VersioningConfiguration/>", {}, XML),
        ("PUT", "?tagging", "<x/>", {}, XML),
        ("POST", "?delete", "<Delete/>", {}, XML),
        ("POST", "?delete", "x", {}, XML),
        ("POST", "", "", {}, (412, "PreconditionFailed")),
        ("POST", "/k", "", {}, NOT_ALLOWED),
        ("PATCH", "/k", "", {}, NOT_ALLOWED),
        ("TRACE", "/k", "", {}, NOT_ALLOWED),
    ],
)
def test_s3(
    wire: Wire, own_bucket: str, method: str, target: str, body: str, headers: dict[str, str],
    expected: tuple[int, str],
) -> None:  # fmt: skip
    wire.ask("s3", "PUT", f"/{own_bucket}/k", b"kept")
    answer = wire.ask(
        "s3", method, f"/{own_bucket}{target}", body.encode(), in_query=False, **headers
    )
    assert "xml" in answer.headers["content-type"]
    assert (answer.status, answer.read("s3", "PutObject")["Error"]["Code"]) == expected


CONDITIONS = ("range", "if_modified_since", "if_unmodified_since")


@pytest.mark.parametrize("value", ["x", "bytes=x", "bytes=-", "bytes=0-0,2-2", "1.5", "=", "a=b=c"])
@pytest.mark.parametrize("name", CONDITIONS)
def test_s3_leaves_unread_what_it_cannot_read(
    wire: Wire, own_bucket: str, name: str, value: str
) -> None:
    wire.ask("s3", "PUT", f"/{own_bucket}/k", b"kept")
    headers: dict[str, Any] = {name: value}
    for method, body in (("GET", b"kept"), ("HEAD", b"")):
        answer = wire.ask("s3", method, f"/{own_bucket}/k", **headers)
        assert (answer.status, answer.body) == (200, body)


def test_a_range_and_a_time_that_s3_can_read(wire: Wire, own_bucket: str) -> None:
    wire.ask("s3", "PUT", f"/{own_bucket}/k", b"kept")
    for text, body in (("bytes=1-2", b"ep"), ("bytes=2-", b"pt"), ("bytes=-1", b"t")):
        answer = wire.ask("s3", "GET", f"/{own_bucket}/k", range=text)
        assert (answer.status, answer.body) == (206, body)
    early = "Thu, 01 Jan 2015 00:00:00 GMT"
    assert wire.ask("s3", "GET", f"/{own_bucket}/k", if_unmodified_since=early).status == 412


WORDS = st.sampled_from(["", "x", "-1", "0", "9" * 30, "%ED%A0%80", "%FF", "%", "%C3%A9", "1.5"])
PARTS = st.sampled_from(["", "", ".member.1", ".member.x", ".1", ".entry.1.key"])


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_service_in_forms_of_any_fields(wire: Wire, data: st.DataObject) -> None:
    signing, service = data.draw(st.sampled_from([("sts", "sts"), ("monitoring", "cloudwatch")]))
    model = service_model(service)
    # moto reads the file that AssumeRoleWithSAML gives; what is none is moto's own failure.
    known = [name for name in model.operation_names if name != "AssumeRoleWithSAML"]
    operation = data.draw(st.sampled_from(known if service == "sts" else METRICS))
    shape = model.operation_model(operation).input_shape
    fields = [f"Action={operation}", f"Version={model.api_version}"]
    for name in shape.members if shape else ():
        if data.draw(st.booleans()):
            fields.append(f"{name}{data.draw(PARTS)}={data.draw(WORDS)}")
    kind = "application/x-www-form-urlencoded"
    answer = wire.ask(signing, "POST", "/", "&".join(fields).encode(), content_type=kind)
    # What moto does not have is 501.
    assert answer.status < 500 or answer.status == 501, (fields, answer.body)
    # botocore reads CloudWatch's own answers in JSON.
    ElementTree.fromstring(answer.body)


METRICS = ["ListMetrics", "DescribeAlarms", "ListDashboards", "DeleteAlarms", "SetAlarmState"]


@pytest.mark.parametrize("operation", ["ListMetrics", "PutMetricData", "Foo", ""])
@pytest.mark.parametrize("body", [b"", b"\xa0", b"\xff" * 10, b"\xbf\xff"])
def test_cloudwatch_in_cbor(wire: Wire, operation: str, body: bytes) -> None:
    target = f"/service/GraniteServiceVersion20100801/operation/{operation}"
    answer = wire.ask(
        "monitoring", "POST", target, body, smithy_protocol="rpc-v2-cbor",
        content_type="application/cbor",
    )  # fmt: skip
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/cbor"
    assert b"UnknownOperationException" in answer.body


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_s3_of_any_query_and_headers(wire: Wire, data: st.DataObject) -> None:
    wire.ask("s3", "PUT", "/fuzzed")
    method = data.draw(st.sampled_from(["GET", "PUT", "POST", "DELETE"]))
    path = data.draw(st.sampled_from(["/fuzzed", "/fuzzed/k", "/no-such-bucket-x/k"]))
    asked = [data.draw(st.sampled_from(ASKED)), *data.draw(st.lists(NUMBERS, max_size=2))]
    headers: dict[str, Any] = data.draw(
        st.dictionaries(st.sampled_from(HEADERS), HEADER_VALUES, max_size=2)
    )
    body = data.draw(st.sampled_from(DOCUMENTS)) if method in ("PUT", "POST") else b""
    target = f"{path}?{'&'.join(asked)}"
    answer = wire.ask("s3", method, target, body, **headers)
    assert answer.status < 500 or answer.status == 501, (method, target, headers, body)
    if answer.status >= 400 and answer.body:
        assert answer.read("s3", "GetObject")["Error"]["Code"]


ASKED = [
    "x-id=y", "acl", "tagging", "versioning", "lifecycle", "cors", "website", "logging",
    "encryption", "uploads", "delete", "versions", "location", "attributes", "policyStatus",
]  # fmt: skip
NUMBERS = st.builds(
    "{}={}".format,
    st.sampled_from(["max-keys", "marker", "prefix", "uploadId", "partNumber", "versionId"]),
    WORDS.filter(lambda word: word not in ("%ED%A0%80", "%FF", "%")),
)
HEADERS = ("x_amz_acl", "x_amz_tagging", "x_amz_storage_class", "content_md5", *CONDITIONS)
HEADER_VALUES = st.sampled_from(["x", "-1", "bytes=0-1", "bytes=5-1", "a=b&a=c", "private", "%"])
DOCUMENTS = [
    b"", b"x", b"<a/>", b"<Tagging><TagSet/></Tagging>", b"<Delete><Object/></Delete>", b"\xff",
    b"<LifecycleConfiguration><Rule/></LifecycleConfiguration>", b"<AccessControlPolicy/>",
    b"<CORSConfiguration><CORSRule/></CORSConfiguration>", b"<CompleteMultipartUpload/>",
]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "a..b",
        "192.168.0.1",
        "xn--a",
        "sthree-a",
        "a-s3alias",
        "a--ol-s3",
        "Abc",
        "ab",
        "a_b",
        "-ab",
    ],
)
def test_a_name_that_no_bucket_has(wire: Wire, name: str) -> None:
    answer = wire.ask("s3", "PUT", f"/{name}")
    assert answer.read("s3", "CreateBucket")["Error"]["Code"] == "InvalidBucketName"


def test_the_next_request_of_the_connection_is_answered(
    cloud_environment: dict[str, str],
) -> None:
    """After an error, too."""
    environment = cloud_environment
    key = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    address = urlsplit(environment["AWS_ENDPOINT_URL"])
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    connection.connect()
    first = connection.sock
    for service, headers, body in (
        ("sagemaker", {"x-amz-target": "SageMaker.ListModels"}, b'{"NameContains": "\\ud800"}'),
        ("sagemaker", {"x-amz-target": "SageMaker.ListModels"}, b"{}"),
        ("logs", {"x-amz-target": "Logs_20140328.DescribeLogGroups"}, b'{"a": "\\ud800"}'),
        ("ecr", {"x-amz-target": "X.DescribeRepositories"}, b"["),
        ("sts", {"content-type": "application/x-www-form-urlencoded"}, b"Action=Foo"),
        ("s3", {}, b"x"),
        ("monitoring", {"x-amz-target": "GraniteServiceVersion20100801.ListMetrics"}, b"["),
        ("sagemaker", {"x-amz-target": "SageMaker.ListModels"}, b"{}"),
    ):
        request = AWSRequest("POST", environment["AWS_ENDPOINT_URL"] + "/", headers, body)
        signer = S3SigV4Auth if service == "s3" else SigV4Auth
        signer(key, service, environment["AWS_REGION"]).add_auth(request)
        connection.request("POST", "/", body, dict(request.headers))
        response = connection.getresponse()
        response.read()
        assert response.status < 500
        assert connection.sock is first
    connection.close()
