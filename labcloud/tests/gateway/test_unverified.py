"""What somebody may send, hold and occupy who knows the key's id, and has not its secret."""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcloud.client import launch
from labcloud_support.life import Life, eventually

from .conftest import answer, begin

PATIENCE = 0.5


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """A labcloud with little patience for what comes first."""
    short = ("--timing", f"request_head={PATIENCE}")
    found = Life(tmp_path_factory.mktemp("unverified") / "home", *short)
    yield found
    launch.stop(found.home)


def connected(life: Life) -> socket.socket:
    return socket.create_connection(("127.0.0.1", life.running.port), timeout=60)


def head(life: Life, *headers: str, method: str = "PUT", target: str = "/b/k") -> bytes:
    host = f"Host: 127.0.0.1:{life.running.port}"
    return "\r\n".join([f"{method} {target} HTTP/1.1", host, *headers, "", ""]).encode()


def guessed(life: Life, service: str, *more: str, ago: float = 0) -> tuple[str, ...]:
    """The headers of a signature by the server's key whose secret was guessed."""
    key = life.client("s3")._request_signer._credentials.access_key
    moment = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=ago)
    text = moment.strftime("%Y%m%dT%H%M%SZ")
    names = ";".join(["host", *(each.partition(":")[0] for each in more), "x-amz-date"])
    return (
        *more,
        f"x-amz-date: {text}",
        f"Authorization: AWS4-HMAC-SHA256 Credential={key}/{text[:8]}/us-east-1/{service}/"
        f"aws4_request, SignedHeaders={names}, Signature={'0' * 64}",
    )


def sent(connection: socket.socket, most: int) -> int:
    """How much of a body the server takes before it closes (bytes)."""
    count = 0
    with contextlib.suppress(ConnectionError):
        while count < most:
            count += connection.send(b"x" * 65536)
    return count


def spooled(life: Life) -> int:
    """The bytes in files of the server that have no name any more."""
    found = 0
    for each in os.scandir(f"/proc/{life.running.pid}/fd"):
        with contextlib.suppress(OSError):
            if os.readlink(each.path).endswith("(deleted)"):
                found += os.stat(each.path).st_size
    return found


@pytest.mark.parametrize("hash_", ["UNSIGNED-PAYLOAD", "a" * 64])
def test_a_guessed_signature_for_s3_is_refused_before_the_body(
    life: Life, connection: socket.socket, hash_: str
) -> None:
    stated = f"x-amz-content-sha256: {hash_}"
    begin(life, connection, head(life, *guessed(life, "s3", stated), f"content-length: {1024**3}"))
    assert "<Code>SignatureDoesNotMatch</Code>" in answer(connection)


def test_a_guessed_link_is_refused_before_the_body(life: Life, connection: socket.socket) -> None:
    link = life.client("s3").generate_presigned_url("put_object", {"Bucket": "b", "Key": "k"})
    query = link.partition("?")[2].replace("Signature=", "Signature=A")
    begin(life, connection, head(life, f"content-length: {1024**3}", target=f"/b/k?{query}"))
    assert "<Code>SignatureDoesNotMatch</Code>" in answer(connection)


@pytest.mark.parametrize("form", [f"content-length: {1024**3}", "transfer-encoding: chunked"])
def test_a_body_that_is_needed_for_the_signature_has_a_limit(
    life: Life, connection: socket.socket, form: str
) -> None:
    begin(
        life, connection, head(life, *guessed(life, "sagemaker"), form, method="POST", target="/")
    )
    if "chunked" in form:
        connection.sendall(b"%x\r\n" % 1024**3)
    for _ in range(10):
        sent(connection, 15_000_000)
        assert spooled(life) <= 64 * 1024**2
    assert "EntityTooLarge" in answer(connection)
    assert spooled(life) == 0


def test_all_of_them_together_have_a_limit(tmp_path: Path) -> None:
    """A client that is refused by it can come again when there is room."""
    patient = Life(tmp_path / "home")
    try:
        length = f"content-length: {60 * 1024**2}"
        with contextlib.ExitStack() as held:
            for _ in range(12):
                each = held.enter_context(connected(patient))
                signed = guessed(patient, "ecr")
                each.sendall(head(patient, *signed, length, method="POST", target="/"))
                sent(each, 55 * 1024**2)
                assert spooled(patient) <= 512 * 1024**2
            assert spooled(patient) > 256 * 1024**2
            assert b"503 " in each.recv(100)
        eventually(lambda: spooled(patient) < 1000, "the server has let go of them")
        patient.client("ecr").describe_repositories()
    finally:
        launch.stop(patient.home)


def test_what_nobody_signed_is_not_kept(life: Life) -> None:
    """The rest of a small refused body is read, for the connection's next request."""
    before = life.server.memory_info().rss
    with contextlib.ExitStack() as held:
        for _ in range(15):
            each = held.enter_context(connected(life))
            each.sendall(head(life, f"content-length: {16 * 1024**2}"))
            sent(each, 15 * 1024**2)
        assert life.server.memory_info().rss - before < 100_000_000


def test_the_rest_of_a_refused_body_has_a_time(life: Life, connection: socket.socket) -> None:
    begin(life, connection, head(life, f"content-length: {1024**3}"))
    connection.sendall(b"x")
    # Less than a server's usual patience.
    connection.settimeout(20)
    assert "<Code>AccessDenied</Code>" in answer(connection)


def test_drops_of_a_refused_body_have_a_time_too(tmp_path: Path, connection: socket.socket) -> None:
    life = Life(tmp_path / "home", "--timing", f"request_body={PATIENCE}")
    found = bytearray()

    def answered() -> bool:
        with contextlib.suppress(TimeoutError):
            connection.sendall(b"x")
            found.extend(connection.recv(65536))
        return b"AccessDenied" in found

    try:
        begin(life, connection, head(life, "content-length: 10000"))
        connection.settimeout(PATIENCE / 5)
        # All drops together would take a quarter of an hour.
        eventually(answered, "the server has had enough")
    finally:
        launch.stop(life.home)


@pytest.mark.parametrize("start", [b"0\r\nx: ", b"0\r\n", b"5;x=", b"5\r\nabcde\r\n0\r\nx: "])
def test_what_stands_between_and_behind_chunks_has_a_limit(
    life: Life, connection: socket.socket, start: bytes
) -> None:
    begin(life, connection, head(life, "transfer-encoding: chunked") + start)
    assert sent(connection, 40_000_000) < 20_000_000


def test_a_signed_request_with_a_growing_trailer(life: Life, connection: socket.socket) -> None:
    signed = guessed(life, "sagemaker")
    start = head(life, *signed, "transfer-encoding: chunked", method="POST", target="/")
    # At once: on a busy machine, the server's patience can end between two of them.
    begin(life, connection, start + b"2\r\n{}\r\n0\r\nx: ")
    assert sent(connection, 40_000_000) < 20_000_000


@pytest.mark.parametrize(("size", "status"), [(15_000, "403"), (17_000, "414")])
def test_a_url_has_a_limit(life: Life, connection: socket.socket, size: int, status: str) -> None:
    begin(life, connection, head(life, "connection: close", method="GET", target="/" + "a" * size))
    found = answer(connection)
    assert found.startswith(f"HTTP/1.1 {status} ")
    assert ("<Code>URITooLong</Code>" in found) == (status == "414")


def test_chunks_of_one_byte_are_a_body(life: Life, connection: socket.socket) -> None:
    signed = guessed(life, "sagemaker")
    form = ("transfer-encoding: chunked", "connection: close")
    begin(life, connection, head(life, *signed, *form, method="POST", target="/"))
    connection.sendall(b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n")
    assert "InvalidSignatureException" in answer(connection)
