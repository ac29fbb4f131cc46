"""The operations of HTTP APIs, and what becomes of the members of their requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from labcloud.apis import tags
from labcloud.apis.errors import BadRequest
from labcloud.apis.httpapis import apis, deployments, integrations, routes, stages
from labcloud.cloud import Cloud
from labcloud.sagemaker.protocol import Operation, service_model

Request = dict[str, Any]
Answer = dict[str, Any]

MODEL = "apigatewayv2"
# The model has these limits in the names of its shapes only.
_LENGTH = re.compile(r"(?:String|Uri)WithLengthBetween(\d+)And(\d+)")
_MOST = {"Arn": 2048, "Id": 1024, "SelectionKey": 1024, "SelectionExpression": 1024}


async def tag_resource(cloud: Cloud, request: Request) -> Answer:
    tags.add(cloud, request["ResourceArn"], request.get("Tags", {}))
    return {}


async def untag_resource(cloud: Cloud, request: Request) -> Answer:
    tags.remove(cloud, request["ResourceArn"], request["TagKeys"])
    return {}


async def get_tags(cloud: Cloud, request: Request) -> Answer:
    return {"Tags": tags.tags(cloud, request["ResourceArn"])}


def _checked(name: str, operation: Operation) -> Operation:
    """An operation whose request is held against the lengths of its texts."""

    async def checked(cloud: Cloud, request: Request) -> Answer:
        shape = service_model(MODEL).operation_model(name).input_shape
        for problem in _too_long(request, shape, "") if shape else ():
            raise BadRequest(problem)
        return await operation(cloud, request)

    return checked


def _too_long(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for name, item in value.items():
            yield from _too_long(item, shape.members[name], name)
    elif isinstance(shape, ListShape):
        for item in value:
            yield from _too_long(item, shape.member, path)
    elif isinstance(shape, MapShape):
        for item in value.values():
            yield from _too_long(item, shape.value, path)
    elif shape.type_name == "string":
        found = _LENGTH.fullmatch(shape.name)
        least, most = map(int, found.groups()) if found else (0, _MOST.get(shape.name, 4096))
        if not least <= len(value) <= most:
            yield f"{path} must have between {least} and {most} characters"


OPERATIONS: dict[str, Operation] = {
    name: _checked(name, operation)
    for name, operation in {
        **apis.OPERATIONS,
        **integrations.OPERATIONS,
        **routes.OPERATIONS,
        **stages.OPERATIONS,
        **deployments.OPERATIONS,
        "TagResource": tag_resource,
        "UntagResource": untag_resource,
        "GetTags": get_tags,
    }.items()
}
