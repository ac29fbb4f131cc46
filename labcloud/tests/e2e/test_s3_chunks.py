"""Uploads in aws-chunked, and checksums: what is stored is what was signed and summed up."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import zlib
from dataclasses import dataclass, replace

import pytest

from .wire import Answer, Wire, send

EMPTY = hashlib.sha256().hexdigest()
CONTENT = bytes(range(256)) * 600


@dataclass(frozen=True)
class Upload:
    """A PUT whose chunks are signed here, step by step as S3's documentation has it."""

    environment: dict[str, str]
    path: str
    parts: tuple[bytes, ...]
    trailers: tuple[tuple[str, str], ...] = ()
    signed: bool = True
    # What goes wrong on the way.
    altered: bool = False
    cut: int = 0
    length: int | None = None
    announced: str | None = None
    # Whether HTTP sends the body in chunks, too, and no Content-Length.
    streamed: bool = False

    @property
    def kind(self) -> str:
        if not self.signed:
            return "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        return "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if self.trailers else "")

    def send(self) -> Answer:
        environment = self.environment
        now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/{environment['AWS_REGION']}/s3/aws4_request"
        url = environment["AWS_ENDPOINT_URL"]
        size = sum(map(len, self.parts)) if self.length is None else self.length
        headers = {
            "content-encoding": "aws-chunked",
            "host": url.partition("//")[2],
            "x-amz-content-sha256": self.kind,
            "x-amz-date": now,
            "x-amz-decoded-content-length": str(size),
        }
        announced = self.announced or ",".join(name for name, _ in self.trailers)
        if announced:
            headers["x-amz-trailer"] = announced
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        request = f"PUT\n{self.path}\n\n{lines}\n{names}\n{self.kind}"
        key = ("AWS4" + environment["AWS_SECRET_ACCESS_KEY"]).encode()
        for step in scope.split("/"):
            key = hmac.digest(key, step.encode(), "sha256")

        def sign(kind: str, text: str) -> str:
            to_sign = f"{kind}\n{now}\n{scope}\n{text}".encode()
            return hmac.new(key, to_sign, "sha256").hexdigest()

        last = sign("AWS4-HMAC-SHA256", hashlib.sha256(request.encode()).hexdigest())
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={environment['AWS_ACCESS_KEY_ID']}/{scope}, "
            f"SignedHeaders={names}, Signature={last}"
        )
        body = b""
        for part in (*self.parts, b""):
            digest = hashlib.sha256(part).hexdigest()
            last = sign("AWS4-HMAC-SHA256-PAYLOAD", f"{last}\n{EMPTY}\n{digest}")
            said = f";chunk-signature={last}" if self.signed else ""
            body += f"{len(part):x}{said}\r\n".encode()
            body += part + b"\r\n" if part else b""
        said = "".join(f"{name}:{value}\n" for name, value in self.trailers)
        body += said.replace("\n", "\r\n").encode()
        if self.trailers and self.signed:
            digest = hashlib.sha256(said.encode()).hexdigest()
            last = sign("AWS4-HMAC-SHA256-TRAILER", f"{last}\n{digest}")
            body += f"x-amz-trailer-signature:{last}\r\n".encode()
        body += b"\r\n"
        if self.altered:
            body = body.replace(self.parts[0], self.parts[0][:-1] + b"!")
        sent = body[: len(body) - self.cut]
        return send("PUT", url + self.path, headers, iter([sent]) if self.streamed else sent)


def crc32(content: bytes) -> str:
    return base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()


@pytest.fixture
def upload(cloud_environment: dict[str, str], own_bucket: str) -> Upload:
    return Upload(cloud_environment, f"/{own_bucket}/k", (CONTENT, b"the end"))


def stored(upload: Upload) -> Answer:
    return Wire(upload.environment).ask("s3", "GET", upload.path)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("summed", [True, False])
@pytest.mark.parametrize("streamed", [True, False])
def test_the_content_is_stored(upload: Upload, signed: bool, summed: bool, streamed: bool) -> None:
    content = b"".join(upload.parts)
    trailers = (("x-amz-checksum-crc32", crc32(content)),) if summed else ()
    answer = replace(upload, signed=signed, trailers=trailers, streamed=streamed).send()
    assert (answer.status, answer.body) == (200, b"")
    found = stored(upload)
    assert found.body == content
    assert "aws-chunked" not in found.headers.get("content-encoding", "")


WRONG = crc32(b"something else")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"altered": True}, 403, "SignatureDoesNotMatch"),
        ({"cut": 40}, 400, "IncompleteBody"),
        ({"cut": 120}, 400, "IncompleteBody"),
        ({"length": 5}, 400, "IncompleteBody"),
        ({"length": 10**6}, 400, "IncompleteBody"),
        ({"trailers": (("x-amz-checksum-crc32", WRONG),)}, 400, "BadDigest"),
        ({"trailers": (("x-amz-checksum-sha256", WRONG),)}, 400, "InvalidRequest"),
        ({"trailers": (("x-amz-checksum-crc32", WRONG),), "signed": False}, 400, "BadDigest"),
        ({"announced": "x-amz-checksum-crc32"}, 400, "MalformedTrailerError"),
    ],
)  # fmt: skip
def test_what_is_not_so_is_refused(
    upload: Upload, changes: dict[str, object], status: int, code: str
) -> None:
    Wire(upload.environment).ask("s3", "PUT", upload.path, b"old")
    answer = replace(upload, **changes).send()  # type: ignore[arg-type]
    assert answer.read("s3", "PutObject")["Error"]["Code"] == code
    assert answer.status == status
    assert stored(upload).body == b"old"


SHA256 = base64.b64encode(hashlib.sha256(b"new").digest()).decode()
MD5 = base64.b64encode(hashlib.md5(b"new").digest()).decode()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("x_amz_checksum_crc32", crc32(b"new"), None),
        ("x_amz_checksum_sha256", SHA256, None),
        ("content_md5", MD5, None),
        ("x_amz_checksum_crc32", WRONG, "BadDigest"),
        ("x_amz_checksum_sha256", SHA256.replace("=", "A"), "InvalidRequest"),
        ("x_amz_checksum_sha1", "no base64", "InvalidRequest"),
        ("content_md5", base64.b64encode(b"0" * 16).decode(), "BadDigest"),
        ("content_md5", "x", "InvalidDigest"),
    ],
)
def test_a_checksum_in_the_headers(
    wire: Wire, own_bucket: str, name: str, value: str, code: str | None
) -> None:
    path = f"/{own_bucket}/k"
    wire.ask("s3", "PUT", path, b"old")
    answer = wire.ask("s3", "PUT", path, b"new", in_query=False, **{name: value})
    assert answer.read("s3", "PutObject").get("Error", {}).get("Code") == code
    assert wire.ask("s3", "GET", path).body == (b"old" if code else b"new")
