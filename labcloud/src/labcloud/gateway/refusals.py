"""How a request is refused: what AWS's errors look like, once for each of its protocols.

Everything that answers with an error takes its words from here, so that an SDK can read them. Which
protocol a request uses follows from the service that its signature names, and where a service has
several, from the request's own form. See "Wire protocols" in the Smithy specification.
"""

from __future__ import annotations

import asyncio
import errno
import json
import uuid
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any
from xml.sax.saxutils import escape

from starlette.responses import Response

from labcloud.text import of_error


class Refused(Exception):
    """A request that is not carried out: AWS's code and message for it, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class SignatureError(Refused):
    """A request without a good signature. The code is that of AWS's JSON protocol."""

    def __init__(self, code: str, message: str, status: int = 403) -> None:
        super().__init__(code, message, status)


# For requests that the server cannot wait for at its end. Clients ask again.
STOPPED = Refused("ServiceUnavailable", "labcloud is being stopped.", 503)


def is_given_up() -> bool:
    """Whether the server no longer waits for the request of this task: it is being stopped."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Protocol(Enum):
    """AWS's wire protocols, as far as their errors differ."""

    # AWS JSON 1.0 and 1.1: ECR, CloudWatch Logs, the control plane of SageMaker.
    JSON = auto()
    # REST-JSON: the runtime of SageMaker.
    REST_JSON = auto()
    # AWS Query: STS and IAM. The errors of REST-XML look the same, but for S3's.
    QUERY = auto()
    EC2 = auto()
    S3 = auto()
    # RPC v2 CBOR: CloudWatch, as boto3 asks it.
    CBOR = auto()


_OF_SERVICE = {
    "ecr": Protocol.JSON,
    "labcloud": Protocol.JSON,
    "logs": Protocol.JSON,
    "sagemaker": Protocol.JSON,
    "sts": Protocol.QUERY,
    "iam": Protocol.QUERY,
    "s3": Protocol.S3,
    # labcloud does not have these. Nothing in such a request says that its answer is to be XML.
    "cloudfront": Protocol.QUERY,
    "ec2": Protocol.EC2,
    "route53": Protocol.QUERY,
}


def protocol_of(service: str | None, path: str, query: str, headers: Mapping[str, str]) -> Protocol:
    """The protocol that a request for a service speaks; None: the request names no service.

    `headers` are by lower-case name.
    """
    if service == "sagemaker" and path.startswith("/endpoints/"):
        return Protocol.REST_JSON
    if service in _OF_SERVICE:
        return _OF_SERVICE[service]
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        return Protocol.CBOR
    if "x-amz-target" in headers:
        return Protocol.JSON
    form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if form or any(field.startswith("Action=") for field in query.split("&")):
        return Protocol.QUERY
    return Protocol.REST_JSON if service else Protocol.S3


def refusal(
    protocol: Protocol, code: str, message: str, status: int = 400, **fields: Any
) -> Response:
    """The answer that refuses a request. `fields` are more members of the error (JSON only)."""
    request_id = str(uuid.uuid4())
    code = _CODES.get(protocol, {}).get(code, code)
    media_type, write = _WRITERS[protocol]
    headers = {"x-amzn-requestid": request_id, "x-amzn-errortype": code}
    if protocol is Protocol.S3:
        headers = {"x-amz-request-id": request_id}
    if protocol is Protocol.CBOR:
        headers["smithy-protocol"] = "rpc-v2-cbor"
    return Response(
        write(code, message, request_id, fields), status, headers, media_type=media_type
    )


def unwritten(error: Exception) -> str:
    """The message for a change that could not be written to the disk."""
    full = getattr(error, "errno", None) == errno.ENOSPC or "disk is full" in str(error)
    return "We encountered an internal error. Please try again. labcloud could not write: " + (
        "the disk is full. Free some space." if full else f"{of_error(error)}."
    )


# Refusals of the gateway have the codes of AWS's JSON protocol; others have names of their own.
_QUERY_CODES = {
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "ExpiredTokenException": "ExpiredToken",
    "ThrottlingException": "Throttling",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "IncompleteSignatureException": "IncompleteSignature",
}
_S3_CODES = {
    "ThrottlingException": "SlowDown",
    "InternalFailure": "InternalError",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "UnrecognizedClientException": "InvalidAccessKeyId",
    "MissingAuthenticationTokenException": "AccessDenied",
    "IncompleteSignatureException": "AuthorizationHeaderMalformed",
}
_CODES = {
    Protocol.QUERY: _QUERY_CODES,
    Protocol.EC2: _QUERY_CODES,
    Protocol.S3: _S3_CODES,
}

_Fields = dict[str, Any]
# JSON has no NaN; AWS writes those numbers as strings, and botocore reads them so.
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def _json(code: str, message: str, _: str, fields: _Fields) -> bytes:
    return _encode({"__type": code, "message": message, **fields}).encode()


def _rest_json(code: str, message: str, _: str, fields: _Fields) -> bytes:
    # The code is in the header x-amzn-errortype.
    return _encode({"Message": message, "ErrorCode": code, **fields}).encode()


def _query(code: str, message: str, request_id: str, _: _Fields) -> bytes:
    return (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
        f"<Message>{escape(message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


def _ec2(code: str, message: str, request_id: str, _: _Fields) -> bytes:
    return (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        f"</Errors><RequestID>{request_id}</RequestID></Response>"
    ).encode()


def _s3(code: str, message: str, request_id: str, _: _Fields) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message><RequestId>{request_id}</RequestId></Error>"
    ).encode()


def _cbor(code: str, message: str, _: str, __: _Fields) -> bytes:
    texts = ("__type", code, "message", message)
    # A map (major type 5) of two pairs.
    return b"\xa2" + b"".join(_cbor_text(text) for text in texts)


def _cbor_text(text: str) -> bytes:
    """A text string: major type 3 with its length in four bytes (RFC 8949, section 3.1)."""
    encoded = text.encode()
    return b"\x7a" + len(encoded).to_bytes(4, "big") + encoded


_WRITERS: dict[Protocol, tuple[str, Callable[[str, str, str, _Fields], bytes]]] = {
    Protocol.JSON: ("application/x-amz-json-1.1", _json),
    Protocol.REST_JSON: ("application/json", _rest_json),
    Protocol.QUERY: ("text/xml", _query),
    Protocol.EC2: ("text/xml", _ec2),
    Protocol.S3: ("application/xml", _s3),
    Protocol.CBOR: ("application/cbor", _cbor),
}
