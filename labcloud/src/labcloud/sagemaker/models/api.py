"""Models: a container image together with an artifact."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.models.containers import (
    check_artifact,
    check_environment,
    check_image,
)
from labcloud.sagemaker.models.definition import artifact_of, container_of, described
from labcloud.sagemaker.models.packaged import unpacked
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.resource import Answer, Request


async def create_model(cloud: Cloud, request: Request) -> Answer:
    request = await _checked(cloud, request)
    isolated = request.get("EnableNetworkIsolation", False)
    MODEL.insert(cloud, MODEL.new_record(cloud, request) | {"EnableNetworkIsolation": isolated})
    return {"ModelArn": MODEL.arn_of(cloud, request["ModelName"])}


async def describe_model(cloud: Cloud, request: Request) -> Answer:
    """The record with what AWS shows of an artifact that was named by its URL."""
    record = MODEL.find(cloud, request["ModelName"])
    if container := record.get("PrimaryContainer"):
        record["PrimaryContainer"] = described(container)
    if containers := record.get("Containers"):
        record["Containers"] = [described(each) for each in containers]
    return record


async def _checked(cloud: Cloud, request: Request) -> Request:
    """The request with what its model package says. Raises ValidationError."""
    containers = request.get("Containers", [])
    if ("PrimaryContainer" in request) == bool(containers):
        raise ValidationError("Exactly one of PrimaryContainer and Containers must be given")
    if len(containers) > 1:
        raise ValidationError("labcloud runs models of one container, not inference pipelines")
    container = unpacked(cloud, container_of(request))
    if container.get("Mode") == "MultiModel":
        raise ValidationError("labcloud does not implement the Mode MultiModel of containers")
    if "Image" not in container:
        raise ValidationError("The container definition must name an Image")
    check_environment(container.get("Environment", {}))
    await check_image(cloud, container)
    if artifact := artifact_of(container):
        check_artifact(cloud, artifact, request.get("ExecutionRoleArn", ""))
    if containers:
        return request | {"Containers": [container]}
    return request | {"PrimaryContainer": container}


OPERATIONS = {
    "CreateModel": create_model,
    "DeleteModel": MODEL.delete,
    **MODEL.operations(),
    "DescribeModel": describe_model,
}
