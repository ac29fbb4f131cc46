"""What Lambda refuses, in AWS's words where they are known."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import zipfile
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from labcloud.client.environment import pointed_at
from labcloud_support.lambdas import Lambdas, archive

from ..test_refusals import refusal

ECHO = "def handler(event, context): return event"
OTHER = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
NO_ROLE = "The role defined for the function cannot be assumed by Lambda."
NO_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."
S3 = {"S3Bucket": "some", "S3Key": "k"}


def packed(*members: tuple[str, bytes], mode: int = 0) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            # Fast: what is too large is made when the tests are collected, in each process.
            file.writestr(info, content, compresslevel=1)
    return made.getvalue()


@pytest.fixture(scope="module")
def other_role(lambdas: Lambdas) -> str:
    iam = lambdas.life.client("iam")
    made = iam.create_role(RoleName="of-ec2", AssumeRolePolicyDocument=OTHER)
    return str(made["Role"]["Arn"])


@pytest.fixture(scope="module")
def echo(lambdas: Lambdas) -> str:
    lambdas.make("echo", ECHO)
    return "echo"


INVALID = "InvalidParameterValueException"


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"Role": "arn:aws:iam::123456789012:role/nobody"}, INVALID, NO_ROLE),
        ({"Runtime": None}, INVALID, "Runtime and Handler are mandatory parameters for functions"),
        ({"Handler": None}, INVALID, "Runtime and Handler are mandatory parameters for functions"),
        ({"Runtime": "python3.8"}, INVALID, "The runtime parameter of python3.8 is no longer supp"),
        ({"Runtime": "nodejs22.x"}, INVALID, "labcloud does not implement the runtime nodejs22.x"),
        ({"Runtime": "python4"}, "ValidationException", "1 validation error detected: "),
        ({"Timeout": 901}, "ValidationException", "1 validation error detected: Value '901' at 't"),
        ({"MemorySize": 10241}, "ValidationException", "1 validation error detected: Value '10241"),
        ({"FunctionName": "x" * 65}, "ValidationException", "1 validation error detected: Value '"),
        ({"FunctionName": "a b"}, "ValidationException", "1 validation error detected: Value 'a b"),
        ({"Publish": True}, "ValidationException", "labcloud does not implement Publish of Create"),
        ({"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:l:1"]}, "ValidationException",
         "labcloud does not implement Layers of CreateFunction"),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"]}}, "ValidationException",
         "labcloud does not implement VpcConfig of CreateFunction"),
        ({"SnapStart": {"ApplyOn": "PublishedVersions"}}, INVALID, "labcloud does not implement S"),
        ({"PackageType": "Image"}, INVALID, "labcloud does not implement PackageType Image"),
        ({"Environment": {"Variables": {"AWS_REGION": "x", "COLOUR": "red"}}}, INVALID,
         "Lambda was unable to configure your environment variables because the environment "
         "variables you have provided contains reserved keys that are currently not supported for "
         "modification. Reserved keys used in this request: AWS_REGION"),
        ({"Environment": {"Variables": {"LONG": "x" * 5000}}}, INVALID,
         "Lambda was unable to configure your environment variables because the environment "
         "variables you have provided exceeded the 4KB limit. String measured: "),
        ({"Tags": {"aws:mine": "1"}}, INVALID, "Tag keys that begin with aws:"),
        ({"Tags": {str(n): "" for n in range(51)}}, INVALID, "Number of tags exceeds resource tag"),
        ({"Code": {}}, INVALID, "Please provide a source for function code."),
        ({"Code": {"ZipFile": archive(main=ECHO), **S3}}, INVALID,
         "Please do not provide other FunctionCode parameters when providing a ZipFile."),
        ({"Code": {"ZipFile": b"no zip"}}, INVALID, NO_ZIP),
        ({"Code": {"ZipFile": packed()}}, INVALID, "Uploaded file must be a non-empty zip"),
        ({"Code": {"ZipFile": packed(("../out.py", b""))}}, INVALID, NO_ZIP),
        ({"Code": {"ZipFile": packed(("/etc/out", b""))}}, INVALID, NO_ZIP),
        ({"Code": {"ZipFile": packed(("a", b""), ("a/b", b""))}}, INVALID, NO_ZIP),
        ({"Code": {"ZipFile": packed(("link", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777)}},
         INVALID, "labcloud does not unpack 'link': it is a link"),
    ],
)  # fmt: skip
def test_functions_that_are_not_made(
    lambdas: Lambdas, changes: dict[str, Any], code: str, said: str
) -> None:
    request: dict[str, Any] = {
        "FunctionName": "refused", "Runtime": "python3.13", "Role": lambdas.role,
        "Handler": "main.handler", "Code": {"ZipFile": archive(main=ECHO)}, **changes,
    }  # fmt: skip
    request = {name: value for name, value in request.items() if value is not None}
    found = refusal(lambdas.client.create_function, **request)
    assert found[0] == code
    assert found[1].startswith(said), found[1]
    state = lambdas.life.home.path
    assert {each.name for each in (state / "functions").glob("*")} == {
        record["Code"] for record in _records(lambdas)
    }


def test_a_zip_that_is_too_large_when_unpacked(lambdas: Lambdas) -> None:
    """Not among the parameters above: each process of the tests would zip it."""
    changes = {"Code": {"ZipFile": packed(("bomb", bytes(251 * 1024**2)))}}
    said = "Unzipped size must be smaller than 262144000 bytes"
    test_functions_that_are_not_made(lambdas, changes, INVALID, said)


def _records(lambdas: Lambdas) -> list[dict[str, str]]:
    """Each function's folder of code, as the server has written it down."""
    database = sqlite3.connect(lambdas.life.home.records)
    try:
        rows = database.execute("SELECT body FROM records WHERE kind = 'function'").fetchall()
    finally:
        database.close()
    return [{"Code": json.loads(body)["CodeFolder"]} for (body,) in rows]


def test_names_that_are_taken_and_roles_of_others(
    lambdas: Lambdas, echo: str, other_role: str
) -> None:
    with pytest.raises(lambdas.client.exceptions.ResourceConflictException) as taken:
        lambdas.begin(echo, ECHO)
    assert taken.value.response["Error"]["Message"] == "Function already exist: echo"
    code, said = refusal(lambdas.client.update_function_configuration, FunctionName=echo,
                         Role=other_role)  # fmt: skip
    assert (code, said) == (INVALID, NO_ROLE)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Principal": "nonsense.amazonaws.com"}, "The provided principal was invalid."),
        ({"Principal": "arn:aws:iam::123456789012:user/nobody"}, "The provided principal was inv"),
        ({"Principal": "arn:aws:iam::999999999999:role/x"}, "The provided principal was invalid."),
    ],
)
def test_permissions_for_nobody(
    lambdas: Lambdas, echo: str, changes: dict[str, str], said: str
) -> None:
    code, found = refusal(
        lambdas.client.add_permission, FunctionName=echo, StatementId="s",
        Action="lambda:InvokeFunction", **changes,
    )  # fmt: skip
    assert code == INVALID
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("event", "changes", "code", "said"),
    [
        (b"NaN", {}, "InvalidRequestContentException", "Could not parse request body into json: "),
        (b"[1, Infinity]", {}, "InvalidRequestContentException", "Could not parse request body "),
        ('{"a": 1}'.encode("utf-16"), {}, "InvalidRequestContentException", "Could not parse req"),
        (b"{", {}, "InvalidRequestContentException", "Could not parse request body into json: "),
        (b"[" * 100_000, {}, "InvalidRequestContentException", "Could not parse request body "),
        (b"1", {"ClientContext": "no base64"}, "InvalidRequestContentException", "Client context"),
        # {"a": NaN}
        (b"1", {"ClientContext": "eyJhIjogTmFOfQ=="}, "InvalidRequestContentException",
         "Client context must be"),
        (b'"' + b"x" * 1048576 + b'"', {"InvocationType": "Event"},
         "RequestEntityTooLargeException",
         "1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)"),
        (b'"' + b"x" * 6291456 + b'"', {}, "RequestEntityTooLargeException",
         "Request must be smaller than 6291456 bytes for the InvokeFunction operation"),
        (b"1", {"TenantId": "t"}, "ValidationException", "labcloud does not implement TenantId"),
        (b"1", {"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:echo"},
         "ResourceNotFoundException", "Functions from 'eu-west-1' are not reachable in this "),
        (b"1", {"FunctionName": "999999999999:function:echo"}, "AccessDeniedException", ""),
        (b"1", {"FunctionName": "echo:$LATEST", "Qualifier": "one"}, INVALID,
         "The derived qualifier from the function name does not match the specified qualifier."),
    ],
)  # fmt: skip
def test_events_that_are_refused(
    lambdas: Lambdas, echo: str, event: bytes, changes: dict[str, str], code: str, said: str
) -> None:
    found = refusal(lambdas.client.invoke, **{"FunctionName": echo, "Payload": event, **changes})
    assert found[0] == code
    assert found[1].startswith(said), found[1]


def test_no_event_is_an_empty_one_and_any_json_is_one(lambdas: Lambdas, echo: str) -> None:
    done = lambdas.client.invoke(FunctionName=echo)
    assert json.load(done["Payload"]) == {}
    for event in ('"ü"', "null", "[1.5, true]", '"\\u0000"', "1" + "0" * 400):
        done = lambdas.client.invoke(FunctionName=echo, Payload=event.encode())
        assert json.load(done["Payload"]) == json.loads(event)


def test_what_labcloud_has_not_is_refused_by_name(lambdas: Lambdas, echo: str) -> None:
    client = lambdas.client
    for call, request, name in (
        (client.publish_version, {}, "PublishVersion"),
        (client.create_alias, {"Name": "a", "FunctionVersion": "1"}, "CreateAlias"),
        (client.create_function_url_config, {"AuthType": "NONE"}, "CreateFunctionUrlConfig"),
        (client.invoke_with_response_stream, {}, "InvokeWithResponseStream"),
    ):
        code, said = refusal(call, FunctionName=echo, **request)
        assert code == "UnknownOperationException"
        assert said.startswith(f"labcloud does not implement {name} of Lambda.")


def test_requests_that_no_sdk_sends(lambdas: Lambdas) -> None:
    """Paths that are none, bodies that are no JSON, values of another type."""
    for method, path, body, status, code in (
        ("GET", "/2015-03-31/nothing", b"", 400, "UnknownOperationException"),
        ("POST", "/2015-03-31/functions", b"{", 400, "InvalidRequestContentException"),
        ("POST", "/2015-03-31/functions", b"[]", 400, "SerializationException"),
        ("POST", "/2015-03-31/functions", b'{"Code": {"ZipFile": 1}}', 400,
         "SerializationException"),
        ("POST", "/2015-03-31/functions", b'{"Timeout": "3"}', 400, "SerializationException"),
        ("GET", "/2015-03-31/functions/?MaxItems=many", b"", 400, "SerializationException"),
        ("GET", "/2015-03-31/functions/?Marker=x", b"", 400, INVALID),
    ):  # fmt: skip
        answer = _send(lambdas, method, path, body)
        assert answer.status_code == status, path
        assert answer.headers["x-amzn-errortype"] == code, answer.content
        assert json.loads(answer.content)["Type"] == "User"


def _send(lambdas: Lambdas, method: str, path: str, body: bytes) -> Any:
    environment = pointed_at(lambdas.life.home, lambdas.life.running, {})
    key = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    request = AWSRequest(method=method, url=f"{lambdas.life.running.url}{path}", data=body)
    SigV4Auth(key, "lambda", "us-east-1").add_auth(request)
    return URLLib3Session().send(request.prepare())
