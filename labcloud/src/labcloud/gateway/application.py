"""Whose request is this: the door of labcloud. Checks who asks, then hands the request on.

Everything is signed (SigV4). Before that, the Host must be ours, so that a web page whose name
has been re-bound to this machine reaches nothing, and no browser page of another origin may post.
"""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Mapping
from tempfile import TemporaryFile
from typing import IO
from xml.sax.saxutils import escape

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from labcloud.gateway.signature import Claim, SignatureError, read_claim, sha256, verify
from labcloud.sagemaker.errors import unwritten
from labcloud.state.credentials import Credentials

logger = logging.getLogger(__name__)

# A body up to this size stays in memory (bytes); the largest is S3's limit of one upload.
_IN_MEMORY = 16 * 1024**2
_LARGEST = 5 * 1024**3
_READ = 1024**2
_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class Gateway:
    """An ASGI application in front of the services, which it knows by their signing names."""

    def __init__(
        self,
        credentials: Credentials,
        services: Mapping[str, ASGIApp],
    ) -> None:
        self.credentials = credentials
        self.services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        body = _Body()
        service = _service_of(headers)
        try:
            _check_origin(headers)
            await body.read(receive)
            claim = self._verified(scope, headers, body)
            service = claim.service
        except SignatureError as error:
            body.close()
            logger.warning(
                "refused: %s", error.message,
                extra={"event": "refused", "code": error.code, "path": scope["path"]},
            )  # fmt: skip
            await refusal(service, error)(scope, receive, send)
            return
        except OSError as error:
            # A large body waits in a file.
            body.close()
            logger.error("could not write: %s", error, extra={"event": "write-failed"})
            failure = SignatureError("InternalError", unwritten(error))
            await refusal(service, failure, 500)(scope, receive, send)
            return
        try:
            application = self.services.get(claim.service, _unknown(claim.service, headers))
            await application(scope, body.receive_from(receive), send)
        finally:
            body.close()

    def _verified(self, scope: Scope, headers: dict[str, str], body: _Body) -> Claim:
        query = scope["query_string"].decode("latin-1")
        claim = read_claim(headers, query)
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
        verify(self.credentials, claim, scope["method"], path, query, headers, body.digest())
        return claim


class _Body:
    """A request's body, read whole before anything is done with it."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._file: IO[bytes] | None = None
        self.size = 0

    async def read(self, receive: Receive) -> None:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise SignatureError("RequestTimeout", "The connection was closed.")
            chunk = message.get("body", b"")
            self.size += len(chunk)
            if self.size > _LARGEST:
                raise SignatureError(
                    "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"
                )
            self._add(chunk)
            more = message.get("more_body", False)

    def _add(self, chunk: bytes) -> None:
        if self._file is None and self.size <= _IN_MEMORY:
            self._chunks.append(chunk)
            return
        if self._file is None:
            self._file = TemporaryFile()  # noqa: SIM115  closed by close()
            self._file.write(b"".join(self._chunks))
            self._chunks = []
        self._file.write(chunk)

    def digest(self) -> str:
        """Hex SHA-256."""
        if self._file is None:
            self._chunks = [b"".join(self._chunks)]
            return sha256(self._chunks[0])
        self._file.seek(0)
        state = hashlib.sha256()
        while chunk := self._file.read(_READ):
            state.update(chunk)
        return state.hexdigest()

    def receive_from(self, receive: Receive) -> Receive:
        """An ASGI `receive` that gives the body again, then whatever the connection says."""
        done = False
        if self._file:
            self._file.seek(0)

        async def replay() -> Message:
            nonlocal done
            if done:
                return await receive()
            if self._file is None:
                done = True
                return {"type": "http.request", "body": b"".join(self._chunks), "more_body": False}
            chunk = self._file.read(_READ)
            done = len(chunk) < _READ
            return {"type": "http.request", "body": chunk, "more_body": not done}

        return replay

    def close(self) -> None:
        if self._file:
            self._file.close()


def _check_origin(headers: dict[str, str]) -> None:
    host = headers.get("host", "")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if name not in _HOSTS:
        raise SignatureError("AccessDenied", f"The Host {host!r} is not this server.")
    if "origin" in headers or headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise SignatureError("AccessDenied", "Requests from web pages are not accepted.")


def _service_of(headers: dict[str, str]) -> str:
    """The service that a request claims to be for, to refuse it in that service's words."""
    target = headers.get("x-amz-target", "")
    if target:
        return target.partition(".")[0].lower()
    parts = headers.get("authorization", "").split("/")
    return parts[3] if len(parts) > 4 else "s3"


def _unknown(service: str, headers: dict[str, str]) -> Response:
    form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    error = SignatureError(
        "UnknownOperationException",
        f"labcloud does not have the service {service}. It has what the labs need; the list is in "
        "docs/operations.md.",
    )
    # Services that are asked in forms answer in XML, as IAM does.
    return refusal("iam" if form else service, error)


# S3 has names of its own for what the other services say.
_S3_CODES = {
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "UnrecognizedClientException": "InvalidAccessKeyId",
    "MissingAuthenticationTokenException": "AccessDenied",
    "IncompleteSignatureException": "AuthorizationHeaderMalformed",
}
_BAD_REQUEST = (
    "UnknownOperationException",
    "XAmzContentSHA256Mismatch",
    "EntityTooLarge",
    "AuthorizationQueryParametersError",
)
_QUERY_SERVICES = ("sts", "iam")


def refusal(service: str, error: SignatureError, status: int | None = None) -> Response:
    """The answer to a request that is not let in, in its service's protocol."""
    request_id = str(uuid.uuid4())
    status = status or (400 if error.code in _BAD_REQUEST else 403)
    headers = {"x-amzn-RequestId": request_id}
    if service == "s3":
        code = _S3_CODES.get(error.code, error.code)
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
            f"<Message>{escape(error.message)}</Message><RequestId>{request_id}</RequestId></Error>"
        )
        return Response(text, status, headers, media_type="application/xml")
    if service in _QUERY_SERVICES:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{error.code}</Code>"
            f"<Message>{escape(error.message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return Response(text, status, headers, media_type="text/xml")
    body = json.dumps({"__type": error.code, "message": error.message})
    headers["x-amzn-ErrorType"] = error.code
    return Response(body, status, headers, media_type="application/x-amz-json-1.1")
