"""What a connection may send before anybody has signed anything, and how long it may take."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from labcloud.client import launch
from labcloud.timings import Timings
from labcloud_support.life import ONCE, Life

from .conftest import answer, begin


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """A labcloud with little patience."""
    times = ("request_head=0.5", "request_body=0.5", "idle_connection=3")
    short = [part for each in times for part in ("--timing", each)]
    found = Life(tmp_path_factory.mktemp("impatient") / "home", *short)
    yield found
    launch.stop(found.home)


def host(life: Life) -> str:
    return f"Host: 127.0.0.1:{life.running.port}\r\n"


@pytest.mark.parametrize(
    "start", ["GET / HTTP/1.1\r\n{host}x-grows: ", "GET /", "GET / HTTP/1.1\r\n{host}a"]
)
def test_a_head_that_grows_is_refused(life: Life, connection: socket.socket, start: str) -> None:
    begin(life, connection, start.format(host=host(life)).encode())
    sent = 0
    try:
        while sent < 40_000_000:
            sent += connection.send(b"x" * 65536)
    except ConnectionError:
        pass
    assert sent < 20_000_000
    life.client("s3").list_buckets()


def test_it_is_told_so(life: Life, connection: socket.socket) -> None:
    head = f"GET / HTTP/1.1\r\n{host(life)}x: ".encode()
    with contextlib.suppress(ConnectionError):
        begin(life, connection, head, b"x" * 400_000)
    found = answer(connection)
    assert found.startswith("HTTP/1.1 400 ")
    assert "<Code>RequestHeaderSectionTooLarge</Code>" in found


def test_many_headers_count_together(life: Life, connection: socket.socket) -> None:
    lines = "".join(f"x-{number}: {'y' * 1000}\r\n" for number in range(200))
    begin(life, connection, f"GET / HTTP/1.1\r\n{host(life)}{lines}\r\n".encode())
    # The answer is lost where the kernel still had something to read when the server closed.
    assert answer(connection).partition(" ")[2][:3] in ("", "400")


@pytest.mark.parametrize("start", ["GET / HTTP/1.1\r\n{host}", "G", "GET / HTTP/1.1\r\n{host}x: "])
def test_half_a_head_is_not_waited_for(life: Life, connection: socket.socket, start: str) -> None:
    begin(life, connection, start.format(host=host(life)).encode())
    assert "<Code>RequestTimeout</Code>" in answer(connection)


def test_a_connection_that_says_nothing_is_closed(life: Life, connection: socket.socket) -> None:
    begin(life, connection)
    assert answer(connection) == ""


def test_a_connection_that_says_nothing_more_is_closed(
    life: Life, connection: socket.socket
) -> None:
    begin(life, connection, f"GET / HTTP/1.1\r\n{host(life)}\r\n".encode())
    assert answer(connection).startswith("HTTP/1.1 403 ")


def test_a_connection_is_not_closed_while_a_client_waits_for_a_describe() -> None:
    """Its connection to S3 was closed at the end of the wait, when it was used again."""
    timings = Timings()
    assert timings.idle_connection > max(timings.describe, timings.describe_of_a_waiter, 90)


def test_half_a_body_is_not_waited_for(life: Life, connection: socket.socket) -> None:
    kind = "content-type: multipart/form-data; boundary=b\r\n"
    body = f"POST /b HTTP/1.1\r\n{host(life)}{kind}content-length: 100\r\n\r\n--b\r\n"
    begin(life, connection, body.encode())
    assert "<Code>RequestTimeout</Code>" in answer(connection)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "AccessDenied"),
        (
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIAX/20260101/us-east-1/s3/aws4_request, "
            f"SignedHeaders=host, Signature={'0' * 64}\r\n",
            "InvalidAccessKeyId",
        ),
    ],
)
def test_who_has_no_key_sends_no_body(
    life: Life, connection: socket.socket, header: str, code: str
) -> None:
    """Nothing of the gigabyte is sent: the answer does not wait for it."""
    head = f"PUT /b/k HTTP/1.1\r\n{host(life)}{header}content-length: {1024**3}\r\n\r\n"
    begin(life, connection, head.encode())
    assert f"<Code>{code}</Code>" in answer(connection)


def test_what_follows_a_body_in_chunks_is_no_header(life: Life, connection: socket.socket) -> None:
    """Whoever has looked at the head would know nothing of it."""
    head = f"POST / HTTP/1.1\r\n{host(life)}transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    trailer = "x-amz-target: SageMaker.ListModels\r\n"
    begin(life, connection, f"{head}2\r\n{{}}\r\n0\r\n{trailer}\r\n".encode())
    # A request with that header is refused in JSON.
    assert "<Code>AccessDenied</Code>" in answer(connection)


def test_an_sdk_with_a_wrong_key_is_told_so(life: Life) -> None:
    s3 = boto3.client(
        "s3", endpoint_url=life.running.url, region_name="us-east-1", config=Config(retries=ONCE),
        aws_access_key_id="AKIAWRONG", aws_secret_access_key="x",
    )  # fmt: skip
    for size in (10, 40_000_000):
        with pytest.raises(ClientError, match="InvalidAccessKeyId"):
            s3.put_object(Bucket="b", Key="k", Body=b"x" * size)


def test_a_connection_serves_several_requests(life: Life) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", life.running.port, timeout=60)
    connection.connect()
    first = connection.sock
    for body in (b"", b"x" * 100_000, b""):
        connection.request("PUT", "/b/k", body)
        response = connection.getresponse()
        assert (response.status, b"AccessDenied" in response.read()) == (403, True)
        assert connection.sock is first
    connection.close()


def test_metadata_is_bounded(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="metadata")
    s3.put_object(Bucket="metadata", Key="k", Metadata={"a": "x" * 2047})
    with pytest.raises(ClientError, match="MetadataTooLarge"):
        s3.put_object(Bucket="metadata", Key="k", Metadata={"ab": "x" * 2047})
