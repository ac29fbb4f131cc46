"""From the members of an operation's output to an HTTP answer, by botocore's model."""

from __future__ import annotations

import base64
import datetime
import json
import uuid
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from starlette.responses import Response

# JSON has no NaN, and AWS's SDKs read none.
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def answer(operation: OperationModel, result: dict[str, Any]) -> Response:
    """`result` has the members by the model's names; those of None are left out.

    A member whose place is the status is the status. A payload is bytes where the model says blob.
    `result` may also have a RequestId, where a log names it.
    """
    status = operation.http.get("responseCode", 200)
    headers = {"x-amzn-RequestId": str(result.get("RequestId") or uuid.uuid4())}
    shape = operation.output_shape
    if shape is None:
        return _without_body(status, headers)
    payload = shape.serialization.get("payload")
    for name, member in shape.members.items():
        value, place = result.get(name), member.serialization.get("location")
        if value is None or place is None:
            continue
        if place == "statusCode":
            status = int(value)
        elif place == "header":
            headers[member.serialization.get("name", name)] = str(value)
    if payload and shape.members[payload].type_name == "blob":
        content = result.get(payload) or b""
        return Response(content, status, headers, media_type="application/json")
    inside = {n: each for n, each in shape.members.items() if "location" not in each.serialization}
    if status == 204 or (not inside and not payload):
        return _without_body(status, headers)
    if payload:
        said = _written(result.get(payload, {}), shape.members[payload])
    else:
        said = _members(result, inside)
    return Response(_encode(said), status, headers, media_type="application/json")


def _without_body(status: int, headers: dict[str, str]) -> Response:
    return Response(b"", status, headers, media_type="application/json")


def _members(value: dict[str, Any], members: dict[str, Shape]) -> dict[str, Any]:
    return {
        member.serialization.get("name", name): _written(value[name], member)
        for name, member in members.items()
        if value.get(name) is not None
    }


def _written(value: Any, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        return _members(value, shape.members)
    if isinstance(shape, ListShape):
        return [_written(item, shape.member) for item in value]
    if isinstance(shape, MapShape):
        return {key: _written(item, shape.value) for key, item in value.items()}
    if shape.type_name == "timestamp":
        if shape.serialization.get("timestampFormat") == "iso8601":
            moment = datetime.datetime.fromtimestamp(value, datetime.UTC)
            return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
        return round(value, 3)
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    return value
