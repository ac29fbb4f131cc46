"""Models: a container image together with an artifact. Create, Describe, List, Delete."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from labcloud.aws.s3.objects import Location
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.images import require_serving_image
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.models.definition import artifact_of, container_of
from labcloud.sagemaker.tags import unique_tags
from labcloud.state.records import AlreadyExists, Missing, Record

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

KIND = "model"


async def create_model(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["ModelName"]
    arn = cloud.arns.sagemaker(KIND, name)
    await _check(cloud, request)
    record = {
        **request,
        "ModelArn": arn,
        "CreationTime": time.time(),
        "EnableNetworkIsolation": request.get("EnableNetworkIsolation", False),
        "Tags": unique_tags(request.get("Tags", [])),
    }
    try:
        cloud.records.insert(KIND, name, record)
    except AlreadyExists as error:
        raise ValidationError(f'Cannot create already existing model "{arn}".') from error
    return {"ModelArn": arn}


async def describe_model(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    return find_model(cloud, request["ModelName"])


async def list_models(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    page, token = listing(cloud.records.all(KIND), request, name="ModelName")
    return {"Models": page, **token}


async def delete_model(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    find_model(cloud, request["ModelName"])
    cloud.records.delete(KIND, request["ModelName"])
    return {}


def find_model(cloud: Cloud, name: str) -> Record:
    """Raises ValidationError as AWS words it."""
    try:
        return cloud.records.get(KIND, name)
    except Missing as error:
        arn = cloud.arns.sagemaker(KIND, name)
        raise ValidationError(f'Could not find model "{arn}".') from error


async def _check(cloud: Cloud, request: dict[str, Any]) -> None:
    containers = request.get("Containers", [])
    if ("PrimaryContainer" in request) == bool(containers):
        raise ValidationError("Exactly one of PrimaryContainer and Containers must be given")
    if len(containers) > 1:
        raise ValidationError("labcloud runs models of one container, not inference pipelines")
    container = container_of(request)
    if "Image" not in container:
        raise ValidationError("The container definition must name an Image")
    access = container.get("ImageConfig", {}).get("RepositoryAccessMode")
    await require_serving_image(cloud, container["Image"], private=access == "Vpc")
    uri = artifact_of(container)
    if uri is None:
        return
    try:
        found = cloud.objects.exists(Location.parse(uri))
    except ValueError as error:
        raise ValidationError(str(error)) from error
    if not found:
        raise ValidationError(f"Could not find model data at {uri}.")


OPERATIONS = {
    "CreateModel": create_model,
    "DescribeModel": describe_model,
    "ListModels": list_models,
    "DeleteModel": delete_model,
}
