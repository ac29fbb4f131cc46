"""The operations of REST APIs, and what becomes of the members of their requests."""

from __future__ import annotations

from typing import Any

from labcloud.apis import tags
from labcloud.apis.restapis import apis, methods, resources, stages
from labcloud.cloud import Cloud
from labcloud.sagemaker.protocol import Operation

Request = dict[str, Any]
Answer = dict[str, Any]

MODEL = "apigateway"


async def tag_resource(cloud: Cloud, request: Request) -> Answer:
    tags.add(cloud, request["resourceArn"], request["tags"])
    return {}


async def untag_resource(cloud: Cloud, request: Request) -> Answer:
    tags.remove(cloud, request["resourceArn"], request["tagKeys"])
    return {}


async def get_tags(cloud: Cloud, request: Request) -> Answer:
    """All tags, of which there are no more than the smallest page has."""
    return {"tags": tags.tags(cloud, request["resourceArn"])}


OPERATIONS: dict[str, Operation] = {
    **apis.OPERATIONS,
    **resources.OPERATIONS,
    **methods.OPERATIONS,
    **stages.OPERATIONS,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "GetTags": get_tags,
}
