"""S3's doors, knocked at by hand: odd paths, bucket names that are none, bodies that are no XML."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Key
from botocore.parsers import create_parser

from labcloud.sagemaker.protocol import service_model
from labcloud.state.credentials import Credentials
from labcloud_support.life import Life

from .marks import TOKEN

S3 = service_model("s3")


def knock(
    shared: Life, operation: str, path: str, query: str = "", body: bytes = b""
) -> tuple[int, dict[str, Any]]:
    """One signed request, its path exactly as given; the status, and what botocore reads."""
    model = S3.operation_model(operation)
    key = Credentials.load(shared.home)
    assert key
    method = model.http["method"]
    target = path + (f"?{query}" if query else "")
    request = AWSRequest(method=method, url=shared.running.url + target, data=body)
    S3SigV4Auth(Key(key.access_key, key.secret_key), "s3", "us-east-1").add_auth(request)
    address = urlsplit(shared.running.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in request.headers.items():
        connection.putheader(name, value)
    if body or method != "GET":
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    answer = {
        "status_code": response.status,
        "headers": {name.lower(): value for name, value in response.getheaders()},
        "body": response.read(),
    }
    connection.close()
    if response.status < 300 and model.has_streaming_output:
        return response.status, {"Body": answer["body"]}
    parsed: dict[str, Any] = create_parser("rest-xml").parse(answer, model.output_shape)
    return response.status, parsed


PATHS = [
    f"/../../{TOKEN}",
    f"/%2e%2e/%2e%2e/{TOKEN}",
    f"/..%2f..%2f{TOKEN}",
    f"/%2e%2e%2f{TOKEN}/key",
    f"/../{TOKEN}",
    f"/..%5c..%5c{TOKEN}",
    f"//{TOKEN}",
    f"///etc/{TOKEN}",
    f"/./{TOKEN}",
    f"/{TOKEN}%00",
    f"/%00{TOKEN}/key",
    f"/{TOKEN}%0a/key",
    f"/%ff%fe{TOKEN}/key",
    f"/{TOKEN}/%ff%fe",
    f"/{TOKEN.upper()}_X/key",
    f"/{'b' * 300}/{TOKEN}",
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..",
    "/%2e%2e",
    "/.",
    "/%20",
]


@pytest.mark.parametrize("operation", ["CreateBucket", "PutObject", "GetObject", "DeleteObject"])
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.lower().replace(TOKEN, "x")[:40])
def test_odd_paths(shared: Life, path: str, operation: str) -> None:
    status, answer = knock(shared, operation, path)
    assert status < 500, answer
    if status >= 300:
        assert answer["Error"]["Code"], answer
    if operation == "GetObject" and status == 200:
        assert b"root:" not in answer["Body"]


@pytest.mark.parametrize("name", ["..", ".", "../x", "..%2fx", "x%00", "%00", "-", "x" * 64, "X"])
def test_bucket_names_that_s3_does_not_take(shared: Life, name: str) -> None:
    status, answer = knock(shared, "CreateBucket", f"/{name}")
    assert 400 <= status < 500, answer
    assert answer["Error"]["Code"], answer


@pytest.mark.parametrize("body", [b"content", b"<a>", b"<a/>", b"\xff\xfe", b"<a><b></a>"])
@pytest.mark.parametrize(
    ("operation", "query"),
    [
        ("CreateBucket", ""),
        ("DeleteObjects", "delete"),
        ("PutBucketTagging", "tagging"),
        ("PutBucketVersioning", "versioning"),
        ("PutBucketLifecycleConfiguration", "lifecycle"),
        ("PutBucketCors", "cors"),
        ("PutPublicAccessBlock", "publicAccessBlock"),
    ],
)
def test_a_body_that_is_not_what_s3_expects(
    shared: Life, s3: Any, operation: str, query: str, body: bytes
) -> None:
    if operation != "CreateBucket":
        s3.create_bucket(Bucket="no-xml")
    status, answer = knock(shared, operation, "/no-xml", query, body)
    assert status < 500, answer
    if status >= 300:
        assert answer["Error"]["Code"], answer
