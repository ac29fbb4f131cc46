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
from xml.sax.saxutils import unescape

from labcloud.api.errors import unwritten
from labcloud.store.contents import LARGE
from labcloud.store.vault import Vault

_CHANGING = ("PUT", "POST", "DELETE")
_KEY = re.compile(r"<Key>(.*?)</Key>", re.DOTALL)
_NO_SUCH_UPLOAD = (
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
    "been aborted or completed."
)
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
        if environ["REQUEST_METHOD"] not in _CHANGING or not _is_s3(environ):
            return self._moto(environ, start_response)
        bucket, key = _place(environ)
        upload = parse_qs(environ.get("QUERY_STRING", "")).get("uploadId")
        if upload and not self._vault.has_upload(bucket, upload[0]):
            # moto would fail: it looks the upload up without asking.
            status, headers, body = _error("404 Not Found", "NoSuchUpload", _NO_SUCH_UPLOAD)
            start_response(status, headers)
            return body
        answer: list[Any] = []

        def remember(*given: Any) -> None:
            answer[:] = given

        names: list[str] = [key] if key else []
        try:
            deleting = _body_of_a_multi_delete(environ)
            if deleting is not None:
                names = _keys_in(deleting)
            body = list(self._moto(environ, remember))
            if answer[0].startswith("2"):
                self._vault.save(bucket, names)
        except (OSError, sqlite3.Error) as error:
            logger.error("S3 could not write: %s", error, extra={"event": "write-failed"})
            self._vault.revert(bucket, names)
            status, headers, body = _error(
                "500 Internal Server Error", "InternalError", unwritten(error)
            )
            answer[:] = [status, headers]
        start_response(*answer)
        if int(environ.get("CONTENT_LENGTH") or 0) >= LARGE:
            # moto's objects for a request refer to each other, and would keep its body for long.
            gc.collect()
        return body


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


def _error(status: str, code: str, message: str) -> tuple[str, list[tuple[str, str]], list[bytes]]:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{message}</Message><RequestId>{uuid.uuid4()}</RequestId></Error>"
    ).encode()
    headers = [("content-type", "application/xml"), ("content-length", str(len(text)))]
    return status, headers, [text]
