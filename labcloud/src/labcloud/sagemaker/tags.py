"""Tags, on every resource that has an ARN: AddTags, ListTags, DeleteTags."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.resource import Answer, Request, Resource, check_tag_keys, unique_tags
from labcloud.sagemaker.resources import RESOURCES
from labcloud.state.records import Record

_RESOURCES = {resource.kind: resource for resource in RESOURCES}


async def add_tags(cloud: Cloud, request: Request) -> Answer:
    resource, record = _own(cloud, request["ResourceArn"])
    tags = {tag["Key"]: tag for tag in record.get("Tags", [])}
    tags |= {tag["Key"]: tag for tag in unique_tags(request["Tags"])}
    found = unique_tags(list(tags.values()))
    cloud.records.update(resource.kind, record[resource.name], Tags=found)
    return {"Tags": found}


async def list_tags(cloud: Cloud, request: Request) -> Answer:
    """All tags, of which there are no more than the smallest MaxResults."""
    if "NextToken" in request:
        raise ValidationError("Invalid pagination token.")
    resource, record = _find(cloud, request["ResourceArn"])
    if owner := _owner(cloud, resource, record):
        _, record = _find(cloud, owner)
    return {"Tags": record.get("Tags", [])}


async def delete_tags(cloud: Cloud, request: Request) -> Answer:
    check_tag_keys(request["TagKeys"])
    resource, record = _own(cloud, request["ResourceArn"])
    kept = [tag for tag in record.get("Tags", []) if tag["Key"] not in request["TagKeys"]]
    cloud.records.update(resource.kind, record[resource.name], Tags=kept)
    return {}


def _own(cloud: Cloud, arn: str) -> tuple[Resource, Record]:
    """The resource of an ARN, whose tags can be changed. Raises ValidationError."""
    resource, record = _find(cloud, arn)
    if owner := _owner(cloud, resource, record):
        raise ValidationError(f"{arn} has the tags of {owner}, and none of its own")
    return resource, record


def _owner(cloud: Cloud, resource: Resource, record: Record) -> str | None:
    return resource.tags_of(cloud, record) if resource.tags_of else None


def _find(cloud: Cloud, arn: str) -> tuple[Resource, Record]:
    """The resource of an ARN, as it is described or as another labcloud would have described it.

    An ARN that a program has written down outlives the change of its case: in lower case it is that
    of the one resource whose name it can be.
    """
    kind, _, called = arn.split(":")[-1].partition("/")
    resource = _RESOURCES.get(kind)
    if resource is None:
        raise ValidationError(f"Requested resource {arn} not found.")
    # First the one of this very name: an older record of another may have the same ARN.
    names = sorted(cloud.records.places.spelled(kind, called.lower()), key=called.__ne__)
    records = [cloud.records.get(kind, name) for name in names]
    for record in records:
        if record[resource.arn] == arn:
            return resource, record
    others = [
        record
        for name, record in zip(names, records, strict=True)
        if arn in (cloud.arns.sagemaker(kind, name), cloud.arns.sagemaker(kind, name.lower()))
    ]
    if len(others) == 1:
        return resource, others[0]
    raise resource.untagged.error(resource.untagged.message.format(arn=arn))


OPERATIONS = {"AddTags": add_tags, "ListTags": list_tags, "DeleteTags": delete_tags}
