"""S3 as moto answers it; changes are on the disk before they are answered."""

from __future__ import annotations

import gc
import io
import logging
import re
import sqlite3
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import unescape

from labcloud.aws.s3.contents import LARGE
from labcloud.aws.s3.uploads import Part
from labcloud.aws.s3.vault import Vault
from labcloud.gateway.refusals import Protocol, Refused, refusal, unwritten

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
# S3's rules for names, without those that exist for DNS alone.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# In bytes of UTF-8.
_LONGEST_KEY = 1024
_ENTITIES = {"&quot;": '"', "&apos;": "'", "&#13;": "\r", "&#10;": "\n"}

logger = logging.getLogger(__name__)

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class DurableS3:
    """A WSGI application in front of moto's S3."""

    def __init__(self, moto: WsgiApp, vault: Vault) -> None:
        self._moto = moto
        self._vault = vault

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
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
        except Refused as error:
            answer[:], body = _answer(error)
        except Exception as error:
            answer[:], body = _answer(_failure(environ, error))
        start_response(*answer)
        if int(environ.get("CONTENT_LENGTH") or 0) >= LARGE:
            # moto's objects for a request refer to each other, and would keep its body for long.
            gc.collect()
        return body

    def _check(self, environ: dict[str, Any], bucket: str, key: str) -> None:
        """Raises Refused for requests that S3 refuses and moto does not."""
        if environ["REQUEST_METHOD"] == "PUT" and not key and not _BUCKET.fullmatch(bucket):
            raise Refused("InvalidBucketName", "The specified bucket is not valid.")
        if len(key.encode()) > _LONGEST_KEY:
            raise Refused("KeyTooLongError", "Your key is too long")
        upload = parse_qs(environ.get("QUERY_STRING", "")).get("uploadId")
        if upload and not self._vault.has_upload(bucket, upload[0]):
            # moto would fail: it does not ask whether it has the upload.
            raise Refused("NoSuchUpload", _NO_SUCH_UPLOAD, 404)

    def _change(
        self, environ: dict[str, Any], remember: Callable[..., Any], bucket: str, key: str
    ) -> list[bytes]:
        """moto's answer, once its change is on the disk; undone where it cannot be written."""
        names: list[str] = [key] if key else []
        about = _part_or_upload(environ)
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
                self._vault.save(bucket, names, about)
                method = environ["REQUEST_METHOD"]
                logger.info("%s %s/%s", method, bucket, key, extra={"event": "s3"})
        except (OSError, sqlite3.Error) as error:
            logger.error("S3 could not write: %s", error, extra={"event": "write-failed"})
            self._vault.revert(bucket, names, about)
            raise Refused("InternalError", unwritten(error), 500) from error
        return body


def _answer(error: Refused) -> tuple[list[Any], list[bytes]]:
    """A refusal for WSGI: the arguments of start_response, and the body."""
    answer = refusal(Protocol.S3, error.code, error.message, error.status)
    headers = [(name.decode(), value.decode()) for name, value in answer.raw_headers]
    status = f"{error.status} {HTTPStatus(error.status).phrase}"
    return [status, headers], [bytes(answer.body)]


def _failure(environ: dict[str, Any], error: Exception) -> Refused:
    """The refusal for an error of moto's: most likely it met a body that it did not expect."""
    sent = int(environ.get("CONTENT_LENGTH") or 0)
    if isinstance(error, ExpatError) or (
        sent and isinstance(error, (KeyError, TypeError, AttributeError, ValueError))
    ):
        return Refused("MalformedXML", _MALFORMED)
    logger.exception("S3 failed", extra={"event": "internal-failure"}, exc_info=error)
    return Refused("InternalError", _INTERNAL, 500)


def _place(environ: dict[str, Any]) -> tuple[str, str]:
    """Bucket and key of a path-style request, as moto reads them."""
    path = environ["PATH_INFO"].encode("latin-1").decode()
    bucket, _, key = path.lstrip("/").partition("/")
    return bucket, key


def _part_or_upload(environ: dict[str, Any]) -> Part | str | None:
    """The part of an upload that a request carries, or the upload that it ends."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    upload = query.get("uploadId", [""])[0]
    try:
        return Part(upload, int(query["partNumber"][0]))
    except (KeyError, ValueError):
        return upload or None


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
