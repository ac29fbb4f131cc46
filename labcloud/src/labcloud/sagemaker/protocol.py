"""AWS's JSON 1.1 protocol: from an HTTP request to a handler, and from its answer to HTTP.

The operations are functions `async (cloud, request) -> answer`, where request and answer are
dictionaries in the shapes of botocore's model; see `labcloud.sagemaker.operations` for the table.
"""

from __future__ import annotations

import functools
import json
import logging
import sqlite3
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from starlette.requests import Request
from starlette.responses import Response

from labcloud.cloud import Cloud
from labcloud.gateway import refusals
from labcloud.json_text import refuse, spelled
from labcloud.sagemaker.errors import ApiError, NotImplementedHere, SerializationError
from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.shown import milliseconds
from labcloud.sagemaker.validation import unknown, validate

Operation = Callable[["Cloud", dict[str, Any]], Awaitable[dict[str, Any]]]

# The shape of HyperParameters, StaticHyperParameters and TunedHyperParameters.
_SORTED = "HyperParameters"
# Clients send hundreds of these requests, which change nothing: they are not logged.
_READING = ("Describe", "List")

logger = logging.getLogger(__name__)
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


@functools.cache
def service_model(name: str) -> ServiceModel:
    """botocore's model of a service."""
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


class ControlPlane:
    """The SageMaker API at POST /: picks the operation by X-Amz-Target."""

    def __init__(
        self,
        cloud: Cloud,
        operations: Mapping[str, Operation],
        fields: Mapping[str, Fields],
    ) -> None:
        self.cloud = cloud
        self.operations = operations
        self.fields = fields
        self.model = service_model("sagemaker")

    async def handle(self, request: Request) -> Response:
        name = request.headers.get("x-amz-target", "").partition(".")[2]
        try:
            body = await self._perform(request)
            if not name.startswith(_READING):
                logger.info(name, extra={"event": "operation"})
            return answer(body)
        except ApiError as error:
            said = {"event": "operation-refused", "code": error.code}
            logger.info("%s: %s", name, error.message, extra=said)
            return refusal(error)
        except (OSError, sqlite3.Error) as error:
            logger.error("could not write: %s", error, extra={"event": "write-failed"})
            return refusal(ApiError(refusals.unwritten(error)))
        except Exception:
            logger.exception("an operation failed", extra={"event": "internal-failure"})
            return refusal(
                ApiError("The request processing has failed because of an internal error")
            )

    async def _perform(self, request: Request) -> dict[str, Any]:
        prefix, _, name = request.headers.get("x-amz-target", "").partition(".")
        if prefix != "SageMaker" or not name:
            raise NotImplementedHere("SageMaker", "a request without X-Amz-Target: SageMaker.…")
        operation = self.operations.get(name)
        if operation is None or name not in self.model.operation_names:
            raise NotImplementedHere("SageMaker", name)
        shapes = self.model.operation_model(name)
        sent = await request.body()
        body = decode(sent)
        if b"\\u0000" in sent and has_nul(body):
            raise SerializationError(
                "A text in the request has the character NUL, which no variable and no file has"
            )
        # The client's own word that it polls; the long answers of Describe depend on it.
        self.cloud.polling.set(is_waiter(request.headers.get("user-agent", "")))
        shape = shapes.input_shape
        received = validate(body, shape) if shape else {}
        self.fields[name].check(name, received, unknown(body, shape) if shape else ())
        result = await operation(self.cloud, received)
        return shaped(result, shapes.output_shape) if shapes.output_shape else {}


def is_waiter(user_agent: str) -> bool:
    """Whether botocore's waiter made the request (feature id B in the user agent's m/ part)."""
    return any("B" in part[2:].split(",") for part in user_agent.split() if part.startswith("m/"))


def decode(body: bytes) -> Any:
    """Raises SerializationError where the body is not JSON."""
    try:
        found = json.loads(body, parse_constant=refuse) if body else {}
        if b"\\u" in body:
            # A half of a surrogate pair is no character, and could not be written down or answered.
            _encode(found).encode()
    except (ValueError, RecursionError) as error:
        raise SerializationError("The request body is not valid JSON") from error
    return found


def has_nul(value: Any) -> bool:
    """Whether a text in decoded JSON has the character NUL."""
    if isinstance(value, dict):
        return any(has_nul(each) for each in (*value, *value.values()))
    return any(map(has_nul, value)) if isinstance(value, list) else "\0" in str(value)


def shaped(value: Any, shape: Shape) -> Any:
    """`value` cut to the members that the shape has."""
    if isinstance(shape, StructureShape):
        return {
            name: shaped(value[name], member)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [shaped(item, shape.member) for item in value]
    if isinstance(shape, MapShape):
        # AWS's hyperparameters are in the order of their names.
        items = sorted(value.items()) if shape.name == _SORTED else value.items()
        return {key: shaped(item, shape.value) for key, item in items}
    if shape.type_name == "timestamp":
        return milliseconds(value)
    return spelled(value) if isinstance(value, float) else value


def answer(body: dict[str, Any]) -> Response:
    return Response(
        _encode(body),
        media_type="application/x-amz-json-1.1",
        headers={"x-amzn-RequestId": str(uuid.uuid4())},
    )


def refusal(error: ApiError) -> Response:
    return refusals.refusal(
        refusals.Protocol.JSON, error.code, error.message, error.status, **error.fields
    )
