"""Tags, on every resource that has an ARN: AddTags, ListTags, DeleteTags."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.resource import Answer, Request, Resource, check_tag_keys, unique_tags
from labcloud.sagemaker.resources import RESOURCES
from labcloud.state.records import Record

_RESOURCES = {resource.kind: resource for resource in RESOURCES}


async def add_tags(cloud: Cloud, request: Request) -> Answer:
    resource, record = _find(cloud, request["ResourceArn"])
    tags = {tag["Key"]: tag for tag in record.get("Tags", [])}
    tags |= {tag["Key"]: tag for tag in unique_tags(request["Tags"])}
    found = unique_tags(list(tags.values()))
    cloud.records.update(resource.kind, record[resource.name], Tags=found)
    return {"Tags": found}


async def list_tags(cloud: Cloud, request: Request) -> Answer:
    """All tags, of which there are no more than the smallest MaxResults."""
    if "NextToken" in request:
        raise ValidationError("Invalid pagination token.")
    _, record = _find(cloud, request["ResourceArn"])
    return {"Tags": record.get("Tags", [])}


async def delete_tags(cloud: Cloud, request: Request) -> Answer:
    check_tag_keys(request["TagKeys"])
    resource, record = _find(cloud, request["ResourceArn"])
    kept = [tag for tag in record.get("Tags", []) if tag["Key"] not in request["TagKeys"]]
    cloud.records.update(resource.kind, record[resource.name], Tags=kept)
    return {}


def _find(cloud: Cloud, arn: str) -> tuple[Resource, Record]:
    """The resource of an ARN, in which its name is in lower case."""
    kind, _, small_name = arn.split(":")[-1].partition("/")
    if resource := _RESOURCES.get(kind):
        for name in cloud.records.places.spelled(kind, small_name):
            record = cloud.records.get(kind, name)
            if record[resource.arn] == arn:
                return resource, record
    raise ValidationError(f"Requested resource {arn} not found.")


OPERATIONS = {"AddTags": add_tags, "ListTags": list_tags, "DeleteTags": delete_tags}
