"""What stands before moto's small services: what AWS refuses, moto would fail at.

A request is checked against botocore's model of its service, and whatever moto answers that no SDK
could read becomes an error in the protocol that the request speaks.
"""

from __future__ import annotations

import io
import logging
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

from labcloud.gateway.refusals import Protocol, Refused, protocol_of, refusal
from labcloud.gateway.signature import claim_of
from labcloud.sagemaker.errors import SerializationError
from labcloud.sagemaker.protocol import decode, service_model

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_MISSING = "The request is missing an action or a required parameter."
_INTERNAL = "The request processing has failed because of an unknown error, exception or failure."

_NO_CBOR = "labcloud's CloudWatch speaks AWS's JSON and query protocols, not RPC v2 CBOR."
_UNREADABLE = "The request has a value that cannot be read."
_UNREAD: dict[Protocol, tuple[str, str]] = defaultdict(
    lambda: ("SerializationException", _UNREADABLE),
    {Protocol.QUERY: ("MalformedInput", _UNREADABLE)},
)

logger = logging.getLogger(__name__)


class Front:
    """A WSGI application in front of moto's application for one service."""

    def __init__(self, moto: WsgiApp, service: str) -> None:
        """`service` is botocore's name for it."""
        self._moto = moto
        self._model = service_model(service)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        scope = environ["asgi.scope"]
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        protocol = protocol_of(claim_of(scope).service, scope["path"], query, headers)
        body = environ["wsgi.input"].read()
        # A body that came in chunks has no length, and moto would not read it.
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
        try:
            if protocol is Protocol.CBOR:
                raise Refused("UnknownOperationException", _NO_CBOR, 404)
            # moto unpacks a body that is compressed.
            if protocol is Protocol.JSON and "content-encoding" not in headers:
                check_json(self._model, headers.get("x-amz-target", ""), body)
            elif protocol is Protocol.QUERY:
                self._check_query(f"{query}&{body.decode('latin-1')}")
            status, fields, content = self._asked(environ, protocol)
        except Refused as error:
            answer = refusal(protocol, error.code, error.message, error.status)
            fields = [(name.decode(), value.decode()) for name, value in answer.raw_headers]
            status = f"{error.status} {HTTPStatus(error.status).phrase}"
            content = [bytes(answer.body)]
        start_response(status, fields)
        return content

    def _asked(
        self, environ: dict[str, Any], protocol: Protocol
    ) -> tuple[str, list[tuple[str, str]], list[bytes]]:
        """moto's answer. Raises Refused."""
        answered: list[Any] = []

        def remember(*given: Any) -> None:
            answered[:] = given

        try:
            content = list(self._moto(environ, remember))
        except Refused:
            raise
        except NotImplementedError as error:
            raise Refused("NotImplemented", f"labcloud does not have this: {error}", 501) from error
        except Exception as error:
            if _is_unread(error):
                raise Refused(*_UNREAD[protocol]) from error
            logger.exception("a service failed", extra={"event": "internal-failure"})
            raise Refused("InternalFailure", _INTERNAL, 500) from error
        status, fields = answered[0], answered[1]
        kind = dict(fields).get("Content-Type", "") + dict(fields).get("content-type", "")
        if kind.startswith("text/html") and not status.startswith("2"):
            # A page for people.
            raise Refused("InternalFailure", _INTERNAL, 500)
        return status, fields, content

    def _check_query(self, text: str) -> None:
        given = dict(parse_qsl(text))
        operation = given.get("Action")
        if not operation:
            raise Refused("MissingAction", _MISSING)
        if operation not in self._model.operation_names:
            raise Refused(
                "InvalidAction",
                f"Could not find operation {operation[:100]} for version {self._model.api_version}",
            )
        for said in _query_faults(self._model.operation_model(operation), given):
            raise Refused("ValidationError", f"1 validation error detected: {said}")


def check_json(model: ServiceModel, target: str, body: bytes) -> dict[str, Any]:
    """What a request in AWS's JSON protocol gives. Raises Refused."""
    operation = target.rpartition(".")[2]
    if operation not in model.operation_names:
        raise Refused("UnknownOperationException", f"Unknown operation {operation[:100]}")
    try:
        given = decode(body)
    except SerializationError as error:
        raise Refused(error.code, error.message) from error
    if not isinstance(given, dict):
        raise Refused("SerializationException", "The request body is not a JSON object")
    given = _without_null(given)
    shape = model.operation_model(operation).input_shape
    report = ParamValidator().validate(given, shape) if shape else None
    if report and report.has_errors():
        wrong_type = any(reason == "invalid type" for reason, _, _ in report._errors)
        code = "SerializationException" if wrong_type else "InvalidParameterException"
        raise Refused(code, report.generate_report()[:1000])
    return dict(given)


def _is_unread(error: Exception) -> bool:
    """Whether moto failed while it was reading the request, not at what it asks."""
    frames = traceback.extract_tb(error.__traceback__)
    return any(Path(frame.filename).match("moto/core/parse.py") for frame in frames)


def _query_faults(operation: OperationModel, given: dict[str, str]) -> Iterable[str]:
    """What is wrong with the simple parameters of a request, in AWS's words."""
    shape: Any = operation.input_shape
    for name, member in shape.members.items() if shape else ():
        label = name[:1].lower() + name[1:]
        value = given.get(name)
        in_parts = any(each.startswith(f"{name}.") for each in given)
        if in_parts and member.type_name not in ("list", "map", "structure"):
            # moto would take the first of them.
            yield f"Value at '{label}' failed to satisfy constraint: Member must have one value"
        elif value is None:
            # Lists and structures have names of their own below this one.
            if name in shape.required_members and not in_parts:
                yield (
                    f"Value null at '{label}' failed to satisfy constraint: Member must not be null"
                )
        elif constraint := _broken(member, value):
            yield (
                f"Value '{value[:100]}' at '{label}' failed to satisfy constraint: "
                f"Member must {constraint}"
            )


def _broken(member: Shape, value: str) -> str | None:
    least, most = member.metadata.get("min"), member.metadata.get("max")
    if member.type_name in ("integer", "long"):
        if not value.removeprefix("-").isascii() or not value.removeprefix("-").isdigit():
            return "be a number"
        size, of = int(value[:20]), "value"
    elif member.type_name == "string":
        size, of = len(value), "length"
    else:
        return None
    if least is not None and size < least:
        return f"have {of} greater than or equal to {least}"
    if most is not None and size > most:
        return f"have {of} less than or equal to {most}"
    return None


def _without_null(value: Any) -> Any:
    """A member that is null is one that is not given."""
    if isinstance(value, dict):
        return {name: _without_null(each) for name, each in value.items() if each is not None}
    return [_without_null(each) for each in value] if isinstance(value, list) else value
