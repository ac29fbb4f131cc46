"""The door, knocked at over HTTP: who is let in, and in whose words the others are refused."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

Knock = Callable[..., tuple[int, str]]


@pytest.fixture
def knock(cloud_environment: dict[str, str]) -> Knock:
    """One plain HTTP request; the answer's status and body."""
    address = urlsplit(cloud_environment["AWS_ENDPOINT_URL"])

    def ask(method: str = "GET", path: str = "/", **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        connection.request(
            method, path, headers={n.replace("_", "-"): v for n, v in headers.items()}
        )
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return response.status, body

    return ask


def session(environment: dict[str, str], **changes: str) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=changes.get("key", environment["AWS_ACCESS_KEY_ID"]),
        aws_secret_access_key=changes.get("secret", environment["AWS_SECRET_ACCESS_KEY"]),
        region_name="us-east-1",
    )


def test_nothing_is_answered_unsigned(knock: Knock) -> None:
    for method, path in (
        ("GET", "/"),
        ("PUT", "/bucket"),
        ("GET", "/moto-api/data.json"),
        ("POST", "/moto-api/reset"),
        ("GET", "/status"),
        ("POST", "/endpoints/x/invocations"),
        ("GET", "/latest/meta-data/iam/security-credentials/"),
    ):
        status, body = knock(method, path)
        assert status == 403, path
        assert "AccessDenied" in body
    status, body = knock("POST", x_amz_target="SageMaker.ListModels")
    assert status == 403
    assert "MissingAuthenticationTokenException" in body


@pytest.mark.parametrize(
    "host",
    ["evil.example", "169.254.169.254", "127.0.0.1.evil.example", "", "localhost:1,evil.example"],
)
def test_another_host_s_name_is_refused(knock: Knock, host: str) -> None:
    """DNS rebinding: the browser sends the name that the page was loaded from."""
    status, body = knock(Host=host)
    assert status == 403
    assert "is not this server" in body


def test_a_page_may_not_post(knock: Knock) -> None:
    """One of this origin neither: stages show pages of functions on this port."""
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "same-origin"},
    ):
        status, body = knock("POST", **headers)
        assert status == 403
        assert "web pages" in body


def test_no_page_is_told_that_it_may(knock: Knock, cloud_environment: dict[str, str]) -> None:
    url = cloud_environment["AWS_ENDPOINT_URL"]
    s3 = session(cloud_environment).client("s3", endpoint_url=url)
    headers = s3.list_buckets()["ResponseMetadata"]["HTTPHeaders"]
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("service", "call", "wrong_secret", "unknown_key"),
    [
        ("sagemaker", "list_models", "InvalidSignatureException", "UnrecognizedClientException"),
        ("s3", "list_buckets", "SignatureDoesNotMatch", "InvalidAccessKeyId"),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch", "InvalidClientTokenId"),
        ("logs", "describe_log_groups", "InvalidSignatureException", "UnrecognizedClientException"),
    ],
)
def test_each_service_refuses_in_its_own_words(
    cloud_environment: dict[str, str], service: str, call: str, wrong_secret: str, unknown_key: str
) -> None:
    url = cloud_environment["AWS_ENDPOINT_URL"]
    for changes, code in (({"secret": "guessed"}, wrong_secret), ({"key": "LABCX"}, unknown_key)):
        client = session(cloud_environment, **changes).client(service, endpoint_url=url)
        with pytest.raises(ClientError) as refused:
            getattr(client, call)()
        assert refused.value.response["Error"]["Code"] == code
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_presigned_url_needs_no_other_signature(
    cloud_environment: dict[str, str], knock: Knock
) -> None:
    s3 = session(cloud_environment).client(
        "s3",
        endpoint_url=cloud_environment["AWS_ENDPOINT_URL"],
        config=Config(signature_version="s3v4"),
    )
    s3.create_bucket(Bucket="presigned")
    s3.put_object(Bucket="presigned", Key="a key", Body=b"content")
    url = urlsplit(
        s3.generate_presigned_url("get_object", {"Bucket": "presigned", "Key": "a key"}, 60)
    )
    assert knock(path=f"{url.path}?{url.query}") == (200, "content")
    status, body = knock(
        path=f"{url.path}?{url.query}".replace("X-Amz-Expires=60", "X-Amz-Expires=61")
    )
    assert (status, "SignatureDoesNotMatch" in body) == (403, True)


def test_a_large_object_goes_through_whole(cloud_environment: dict[str, str]) -> None:
    """Over the size that is kept in memory."""
    s3 = session(cloud_environment).client("s3", endpoint_url=cloud_environment["AWS_ENDPOINT_URL"])
    s3.create_bucket(Bucket="large")
    body = bytes(range(256)) * 80_000
    s3.put_object(Bucket="large", Key="x", Body=body)
    assert s3.get_object(Bucket="large", Key="x")["Body"].read() == body


def test_a_service_that_is_not_there_is_refused_by_name(cloud_environment: dict[str, str]) -> None:
    url = cloud_environment["AWS_ENDPOINT_URL"]
    for service, call in (("dynamodb", "list_tables"), ("rds", "describe_db_instances")):
        client = session(cloud_environment).client(service, endpoint_url=url)
        with pytest.raises(ClientError, match=f"labcloud does not have the service {service}"):
            getattr(client, call)()
