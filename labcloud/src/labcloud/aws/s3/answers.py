"""S3 as moto answers it, with what it changed on the disk before the answer is sent."""

from __future__ import annotations

import gc
import io
import logging
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape, unescape

from labcloud.aws.s3.contents import LARGE
from labcloud.aws.s3.uploads import Part
from labcloud.aws.s3.vault import Vault
from labcloud.sagemaker.errors import unwritten

_CHANGING = ("PUT", "POST", "DELETE")
_KEY = re.compile(r"<Key>(.*?)</Key>", re.DOTALL)
_NO_SUCH_UPLOAD = (
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
    "been aborted or completed."
)
_MALFORMED = (
    "The XML you provided was not well-formed or did not validate against our published schema"
)
_INTERNAL = "We encountered an internal error. Please try again."
# S3's rules for names, without those that only exist for the sake of DNS.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# In bytes of UTF-8.
_LONGEST_KEY = 1024
_ENTITIES = {"&quot;": '"', "&apos;": "'", "&#13;": "\r", "&#10;": "\n"}

logger = logging.getLogger(__name__)

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class DurableS3:
    """A WSGI application in front of moto's."""

    def __init__(self, moto: WsgiApp, vault: Vault) -> None:
        self._moto = moto
        self._vault = vault

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        # The path as it was sent: moto would decode the other one, which is decoded, once more.
        environ["RAW_URI"] = environ["asgi.scope"]["raw_path"].decode("latin-1")
        if not _is_s3(environ):
            return self._moto(environ, start_response)
        bucket, key = _place(environ)
        answer: list[Any] = []

        def remember(*given: Any) -> None:
            answer[:] = given

        body: Iterable[bytes]
        try:
            self._check(environ, bucket, key)
            if environ["REQUEST_METHOD"] in _CHANGING:
                body = self._change(environ, remember, bucket, key)
            else:
                body = self._moto(environ, remember)
        except _Refusal as error:
            answer[:], body = error.answer()
        except Exception as error:
            answer[:], body = _failure(environ, error).answer()
        start_response(*answer)
        if int(environ.get("CONTENT_LENGTH") or 0) >= LARGE:
            # moto's objects for a request refer to each other, and would keep its body for long.
            gc.collect()
        return body

    def _check(self, environ: dict[str, Any], bucket: str, key: str) -> None:
        """What S3 refuses and moto does not."""
        if environ["REQUEST_METHOD"] == "PUT" and not key and not _BUCKET.fullmatch(bucket):
            raise _Refusal(
                "400 Bad Request", "InvalidBucketName", "The specified bucket is not valid."
            )
        if len(key.encode()) > _LONGEST_KEY:
            raise _Refusal("400 Bad Request", "KeyTooLongError", "Your key is too long")
        upload = parse_qs(environ.get("QUERY_STRING", "")).get("uploadId")
        if upload and not self._vault.has_upload(bucket, upload[0]):
            # moto would fail: it looks the upload up without asking.
            raise _Refusal("404 Not Found", "NoSuchUpload", _NO_SUCH_UPLOAD)

    def _change(
        self, environ: dict[str, Any], remember: Callable[..., Any], bucket: str, key: str
    ) -> list[bytes]:
        """moto's answer, once what it changed is on the disk; undone where that is not possible."""
        names: list[str] = [key] if key else []
        part = _part(environ)
        succeeded: list[bool] = []

        def answered(status: str, *more: Any) -> None:
            succeeded[:] = [status.startswith("2")]
            remember(status, *more)

        try:
            deleting = _body_of_a_multi_delete(environ)
            if deleting is not None:
                names = _keys_in(deleting)
            body = list(self._moto(environ, answered))
            if succeeded[0]:
                self._vault.save(bucket, names, part)
                method = environ["REQUEST_METHOD"]
                logger.info("%s %s/%s", method, bucket, key, extra={"event": "s3"})
        except (OSError, sqlite3.Error) as error:
            logger.error("S3 could not write: %s", error, extra={"event": "write-failed"})
            self._vault.revert(bucket, names, part)
            raise _Refusal(
                "500 Internal Server Error", "InternalError", unwritten(error)
            ) from error
        return body


class _Refusal(Exception):
    """S3's answer to a request that it does not carry out."""

    def __init__(self, status: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def answer(self) -> tuple[list[Any], list[bytes]]:
        """The arguments of start_response, and the body."""
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{self.code}</Code><Message>'
            f"{escape(self.message)}</Message><RequestId>{uuid.uuid4()}</RequestId></Error>"
        ).encode()
        headers = [("content-type", "application/xml"), ("content-length", str(len(text)))]
        return [self.status, headers], [text]


def _failure(environ: dict[str, Any], error: Exception) -> _Refusal:
    """What moto failed at: in all likelihood a body that is not what it should be."""
    sent = int(environ.get("CONTENT_LENGTH") or 0)
    if isinstance(error, ExpatError) or (
        sent and isinstance(error, (KeyError, TypeError, AttributeError, ValueError))
    ):
        return _Refusal("400 Bad Request", "MalformedXML", _MALFORMED)
    logger.exception("S3 failed", extra={"event": "internal-failure"}, exc_info=error)
    return _Refusal("500 Internal Server Error", "InternalError", _INTERNAL)


def _is_s3(environ: dict[str, Any]) -> bool:
    # The gateway has checked the signature; a presigned URL has it in the query, and only S3 has
    # those.
    scope = environ.get("HTTP_AUTHORIZATION", "/s3/")
    return "/s3/" in scope


def _place(environ: dict[str, Any]) -> tuple[str, str]:
    """Bucket and key of a path-style request, as moto reads them."""
    path = environ["PATH_INFO"].encode("latin-1").decode()
    bucket, _, key = path.lstrip("/").partition("/")
    return bucket, key


def _part(environ: dict[str, Any]) -> Part | None:
    """The part of an upload that a request brings."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    try:
        return Part(query["uploadId"][0], int(query["partNumber"][0]))
    except (KeyError, ValueError):
        return None


def _body_of_a_multi_delete(environ: dict[str, Any]) -> str | None:
    """The body of POST /bucket?delete, left to be read again; None for any other request."""
    query = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] != "POST" or "delete" not in query.split("=")[0].split("&"):
        return None
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return str(body.decode(errors="replace"))


def _keys_in(body: str) -> list[str]:
    return [unescape(name, _ENTITIES) for name in _KEY.findall(body)]
