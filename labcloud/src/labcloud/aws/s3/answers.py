"""S3 as moto answers it; changes are on the disk before they are answered."""

from __future__ import annotations

import gc
import io
import logging
import sqlite3
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from xml.parsers.expat import ExpatError

from labcloud.aws.s3.bodies import checked
from labcloud.aws.s3.changes import Changes, noted
from labcloud.aws.s3.checks import check, check_policy, is_policy
from labcloud.aws.s3.contents import LARGE
from labcloud.aws.s3.vault import Vault
from labcloud.gateway.refusals import Protocol, Refused, refusal, unwritten
from labcloud.state.credentials import Credentials

_CHANGING = ("PUT", "POST", "DELETE")
_MALFORMED = (
    "The XML you provided was not well-formed or did not validate against our published schema"
)
_INTERNAL = "We encountered an internal error. Please try again."

logger = logging.getLogger(__name__)

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class DurableS3:
    """A WSGI application in front of moto's S3."""

    def __init__(self, moto: WsgiApp, vault: Vault, credentials: Credentials) -> None:
        self._moto = moto
        self._vault = vault
        self._credentials = credentials

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        bucket, key = _place(environ)
        answer: list[Any] = []

        def remember(*given: Any) -> None:
            answer[:] = given

        body: Iterable[bytes]
        try:
            check(environ, bucket, key)
            with self._vault.held():
                if environ["REQUEST_METHOD"] in _CHANGING:
                    with checked(environ, self._credentials):
                        body = self._change(environ, remember, bucket, key)
                else:
                    body = self._moto(environ, remember)
        except Refused as error:
            answer[:], body = _answer(error)
        except Exception as error:
            answer[:], body = _answer(_failure(environ, error))
        if environ["REQUEST_METHOD"] != "HEAD" and _is_page(answer):
            answer[:], body = _answer(_not_understood(environ))
        start_response(*answer)
        if int(environ.get("CONTENT_LENGTH") or 0) >= LARGE:
            # moto's objects for a request refer to each other, and would keep its body for long.
            gc.collect()
        return body

    def _change(
        self, environ: dict[str, Any], remember: Callable[..., Any], bucket: str, key: str
    ) -> list[bytes]:
        """moto's answer, once its change is on the disk; undone where it fails or is not."""
        if is_policy(environ, key):
            text = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            check_policy(text, bucket)
            environ["wsgi.input"] = io.BytesIO(text)
        statuses: list[str] = []

        def answered(status: str, *more: Any) -> None:
            statuses[:] = [status]
            remember(status, *more)

        changes, saved = Changes(), False
        try:
            with noted(changes):
                body = list(self._moto(environ, answered))
            if statuses[0].startswith("2"):
                self._vault.save(changes)
                saved = True
                method = environ["REQUEST_METHOD"]
                logger.info("%s %s/%s", method, bucket, key, extra={"event": "s3"})
        except (OSError, sqlite3.Error) as error:
            logger.error("S3 could not write: %s", error, extra={"event": "write-failed"})
            changes.made = True
            raise Refused("InternalError", unwritten(error), 500) from error
        finally:
            # A refusal has most often changed nothing; then others may be changing the same keys.
            if changes.made and not saved:
                self._vault.revert(changes)
        return body


def _is_page(answer: list[Any]) -> bool:
    """Whether moto has answered with an error that no SDK can read."""
    status, headers = answer[0], {name.lower(): value for name, value in answer[1]}
    kind = headers.get("content-type", "")
    return status[:1] in "45" and kind.startswith("text/html") and "x-amz-request-id" not in headers


def _not_understood(environ: dict[str, Any]) -> Refused:
    if int(environ.get("CONTENT_LENGTH") or 0):
        return Refused("MalformedXML", _MALFORMED)
    return Refused("NotImplemented", "labcloud's S3 does not have this operation.", 501)


def _answer(error: Refused) -> tuple[list[Any], list[bytes]]:
    """A refusal for WSGI: the arguments of start_response, and the body."""
    answer = refusal(Protocol.S3, error.code, error.message, error.status)
    headers = [(name.decode(), value.decode()) for name, value in answer.raw_headers]
    status = f"{error.status} {HTTPStatus(error.status).phrase}"
    return [status, headers], [bytes(answer.body)]


def _failure(environ: dict[str, Any], error: Exception) -> Refused:
    """The refusal for an error of moto's: most likely it met a body that it did not expect."""
    sent = int(environ.get("CONTENT_LENGTH") or 0)
    if isinstance(error, NotImplementedError):
        return Refused("NotImplemented", f"labcloud's S3 does not have this: {error}", 501)
    if "continuation-token=" in environ.get("QUERY_STRING", ""):
        return Refused("InvalidArgument", "The continuation token provided is incorrect")
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
