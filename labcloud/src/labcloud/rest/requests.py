"""From an HTTP request to the members of an operation's input, by their names in the model.

Path, query, headers and body each hold some of them; botocore's model says which.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import ListShape, MapShape, Shape, StructureShape

from labcloud.json_text import refuse
from labcloud.rest.routes import Route
from labcloud.sagemaker.errors import SerializationError

# What turns a body that is no JSON into an error.
Unread = Callable[[str], Exception]


def members(
    route: Route, query: str, headers: Mapping[str, str], body: bytes, unread: Unread
) -> dict[str, Any]:
    """`headers` are by lower-case name. Members of the body that the model does not have stay.

    A payload that is a blob is bytes, and so are the blobs in JSON. Raises SerializationError for
    a value that cannot be read as the type that it should have, and what `unread` makes for a body
    that is no JSON.
    """
    shape = route.operation.input_shape
    if shape is None:
        return {}
    found: dict[str, Any] = {}
    pairs = parse_qsl(query, keep_blank_values=True)
    payload = shape.serialization.get("payload")
    for name, member in shape.members.items():
        place = member.serialization.get("location")
        said = member.serialization.get("name", name)
        if place == "uri":
            value: Any = route.labels.get(said)
        elif place == "querystring":
            value = _of_query(member, said, pairs)
        elif place == "header":
            value = headers.get(said.lower())
        elif place == "headers":
            prefix = said.lower()
            value = {k.removeprefix(prefix): v for k, v in headers.items() if k.startswith(prefix)}
        else:
            continue
        if value is not None:
            found[name] = _read(value, member, said)
    if payload:
        of_body = shape.members[payload]
        if of_body.type_name in ("blob", "string"):
            found[payload] = (
                body if of_body.type_name == "blob" else body.decode("utf-8", "replace")
            )
        elif body:
            found[payload] = _named(_decoded(body, unread), of_body, payload)
    elif any("location" not in each.serialization for each in shape.members.values()):
        located = {n for n, each in shape.members.items() if "location" in each.serialization}
        of_json = _named(_decoded(body, unread) if body.strip() else {}, shape, "")
        if not isinstance(of_json, dict):
            raise SerializationError("The request body is not a JSON object")
        # What stands in the path or the query is not taken from the body.
        found |= {name: value for name, value in of_json.items() if name not in located}
    return found


def _of_query(member: Shape, said: str, pairs: list[tuple[str, str]]) -> Any:
    if isinstance(member, MapShape):
        return dict(pairs)
    values = [value for name, value in pairs if name == said]
    if isinstance(member, ListShape):
        return values or None
    return values[-1] if values else None


def _read(value: Any, shape: Shape, said: str) -> Any:
    """A text of the path, query or head, as what it stands for."""
    if isinstance(shape, ListShape):
        values = value if isinstance(value, list) else [part.strip() for part in value.split(",")]
        return [_read(each, shape.member, said) for each in values]
    kind = shape.type_name
    try:
        if kind in ("integer", "long"):
            return int(value)
        if kind in ("float", "double"):
            return float(value)
    except ValueError as error:
        raise SerializationError(f"The value at '{said}' must be a number") from error
    if kind == "boolean":
        if value not in ("true", "false"):
            raise SerializationError(f"The value at '{said}' must be a boolean")
        return value == "true"
    return value


def _decoded(body: bytes, unread: Unread) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise unread(str(error)) from error


def _named(value: Any, shape: Shape, path: str) -> Any:
    """JSON with the model's names of members instead of those on the wire, and blobs as bytes."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        by_wire = {m.serialization.get("name", name): name for name, m in shape.members.items()}
        named = {}
        for wire, item in value.items():
            name = by_wire.get(wire)
            named[name or wire] = (
                _named(item, shape.members[name], f"{path}.{name}") if name else item
            )
        return named
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_named(item, shape.member, path) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _named(item, shape.value, f"{path}.{key}") for key, item in value.items()}
    if shape.type_name == "blob" and value is not None:
        try:
            return base64.b64decode(value, validate=True)
        except (TypeError, ValueError, binascii.Error) as error:
            said = f"The value at '{path.strip('.')}' must be bytes in base64"
            raise SerializationError(said) from error
    return value
