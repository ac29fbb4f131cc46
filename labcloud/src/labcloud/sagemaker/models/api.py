"""Models: a container image together with an artifact."""

from __future__ import annotations

from labcloud.aws.s3.objects import Location
from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.images import require_serving_image
from labcloud.sagemaker.models.definition import artifact_of, container_of
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.resource import Answer, Request


async def create_model(cloud: Cloud, request: Request) -> Answer:
    await _check(cloud, request)
    isolated = request.get("EnableNetworkIsolation", False)
    MODEL.insert(cloud, MODEL.new_record(cloud, request) | {"EnableNetworkIsolation": isolated})
    return {"ModelArn": MODEL.arn_of(cloud, request["ModelName"])}


async def _check(cloud: Cloud, request: Request) -> None:
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
    "DeleteModel": MODEL.delete,
    **MODEL.operations(),
}
