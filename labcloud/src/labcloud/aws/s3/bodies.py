"""A request's body as moto is to get it: content alone, of which everything stated is true."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from labcloud.aws.s3 import checksums, chunked
from labcloud.gateway.body import IN_MEMORY
from labcloud.gateway.refusals import Refused
from labcloud.gateway.signature import claim_of, key_of
from labcloud.state.credentials import Credentials

_READ = 1024**2


@contextlib.contextmanager
def checked(environ: dict[str, Any], credentials: Credentials) -> Iterator[None]:
    """Replaces a body that is in aws-chunked, and verifies the checksums that are given for one.

    Raises Refused. The body can be read within the block only.
    """
    kind = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
    stated = _stated(environ)
    streams = kind.startswith(chunked.STREAMING)
    if not streams and not stated:
        yield
        return
    with SpooledTemporaryFile(max_size=IN_MEMORY) as content:
        if streams:
            stated |= _unpack(environ, kind, content, credentials)
        else:
            source = environ["wsgi.input"]
            left = int(environ.get("CONTENT_LENGTH") or 0)
            while left and (part := source.read(min(left, _READ))):
                content.write(part)
                left -= len(part)
        checksums.verify(content, stated)
        content.seek(0)
        environ["wsgi.input"] = content
        yield


def _stated(environ: dict[str, Any]) -> dict[str, bytes]:
    names = (name for name in environ if name.startswith(("HTTP_X_AMZ_CHECKSUM_", "HTTP_CONTENT_")))
    headers = {name[5:].replace("_", "-").lower(): environ[name] for name in names}
    if environ["REQUEST_METHOD"] == "POST" and "uploadId=" in environ["QUERY_STRING"]:
        # CompleteMultipartUpload gives the checksums of the object, not of its own body.
        headers = {name: value for name, value in headers.items() if name == "content-md5"}
    return checksums.given(headers)


def _unpack(
    environ: dict[str, Any], kind: str, content: IO[bytes], credentials: Credentials
) -> dict[str, bytes]:
    """Unpacks aws-chunked; returns the checksums that came after the content."""
    if kind not in (chunked.UNSIGNED_TRAILER, chunked.SIGNED, chunked.SIGNED_TRAILER):
        raise Refused(
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a "
            "valid sha256 value.",
        )
    length = environ.pop("HTTP_X_AMZ_DECODED_CONTENT_LENGTH", "")
    if not length.isdecimal():
        raise Refused(
            "MissingContentLength", "You must provide the Content-Length HTTP header.", 411
        )
    signed = kind != chunked.UNSIGNED_TRAILER
    claim = claim_of(environ["asgi.scope"])
    chain = chunked.Chain.of(claim, key_of(credentials, claim).secret_key) if signed else None
    source = io.BufferedReader(_Input(environ["wsgi.input"]), _READ)
    trailers = chunked.unpack(source, content, chain)
    if content.tell() != int(length):
        raise Refused(
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
        )
    announced = {name.strip() for name in environ.pop("HTTP_X_AMZ_TRAILER", "").split(",")} - {""}
    if announced != trailers.keys():
        raise Refused(
            "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did not conform to "
            "our published schema.",
        )
    encodings = [name.strip() for name in environ.pop("HTTP_CONTENT_ENCODING", "").split(",")]
    kept = ",".join(name for name in encodings if name not in ("", "aws-chunked"))
    if kept:
        environ["HTTP_CONTENT_ENCODING"] = kept
    environ["CONTENT_LENGTH"] = length
    # From here on, it counts. With this header beside it, werkzeug would read nothing.
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["HTTP_X_AMZ_CONTENT_SHA256"] = "UNSIGNED-PAYLOAD"
    for name, value in trailers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
        if name.startswith("x-amz-checksum-"):
            # moto takes a checksum only of the algorithm that this header names.
            algorithm = name.removeprefix("x-amz-checksum-").upper()
            environ.setdefault("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM", algorithm)
    return checksums.given(trailers)


class _Input(io.RawIOBase):
    """WSGI's input for a BufferedReader: a2wsgi's own readline stops where its buffer does."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
