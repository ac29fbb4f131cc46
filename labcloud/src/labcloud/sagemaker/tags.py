"""Tags, on every resource that has an ARN: AddTags, ListTags, DeleteTags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labcloud.sagemaker.errors import ValidationError
from labcloud.state.records import Missing, Record

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

_MOST = 50
# The resource type in an ARN is the kind of record; the field holds the name as it was given.
_NAMES = {
    "training-job": "TrainingJobName",
    "transform-job": "TransformJobName",
    "hyper-parameter-tuning-job": "HyperParameterTuningJobName",
    "model": "ModelName",
    "endpoint-config": "EndpointConfigName",
    "endpoint": "EndpointName",
}


def unique_tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    """Tags as given. Raises ValidationError where a key stands twice."""
    keys = [tag["Key"] for tag in tags]
    if len(keys) != len(set(keys)):
        raise ValidationError("Duplicate tag keys are not allowed")
    return tags


async def add_tags(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    kind, record = _find(cloud, request["ResourceArn"])
    tags = {tag["Key"]: tag for tag in record.get("Tags", [])}
    tags |= {tag["Key"]: tag for tag in unique_tags(request["Tags"])}
    if len(tags) > _MOST:
        raise ValidationError(f"The number of tags on a resource cannot exceed {_MOST}")
    cloud.records.update(kind, record[_NAMES[kind]], Tags=list(tags.values()))
    return {"Tags": list(tags.values())}


async def list_tags(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    _, record = _find(cloud, request["ResourceArn"])
    return {"Tags": record.get("Tags", [])}


async def delete_tags(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    kind, record = _find(cloud, request["ResourceArn"])
    kept = [tag for tag in record.get("Tags", []) if tag["Key"] not in request["TagKeys"]]
    cloud.records.update(kind, record[_NAMES[kind]], Tags=kept)
    return {}


def _find(cloud: Cloud, arn: str) -> tuple[str, Record]:
    kind, _, name = arn.split(":")[-1].partition("/")
    for record in cloud.records.all(kind) if kind in _NAMES else []:
        if cloud.arns.sagemaker(kind, record[_NAMES[kind]]) == arn:
            return kind, record
    raise ValidationError(f"Requested resource {arn} not found.") from Missing(kind, name)


OPERATIONS = {"AddTags": add_tags, "ListTags": list_tags, "DeleteTags": delete_tags}
