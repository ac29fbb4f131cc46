"""Models: a container image together with an artifact."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.images import require_serving_image
from labcloud.sagemaker.locations import elsewhere, location
from labcloud.sagemaker.models.definition import artifact_of, container_of, described
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.resource import Answer, Request

_LONGEST_ENVIRONMENT = 32 * 1024  # bytes


async def create_model(cloud: Cloud, request: Request) -> Answer:
    await _check(cloud, request)
    isolated = request.get("EnableNetworkIsolation", False)
    MODEL.insert(cloud, MODEL.new_record(cloud, request) | {"EnableNetworkIsolation": isolated})
    return {"ModelArn": MODEL.arn_of(cloud, request["ModelName"])}


def _check_environment(environment: dict[str, str]) -> None:
    """Raises ValidationError for more than AWS takes, of keys and values together."""
    size = sum(len(text.encode()) for pair in environment.items() for text in pair)
    if size > _LONGEST_ENVIRONMENT:
        raise ValidationError(
            f"The keys and values of Environment must not exceed {_LONGEST_ENVIRONMENT} bytes "
            f"together, and these have {size}"
        )


async def describe_model(cloud: Cloud, request: Request) -> Answer:
    """The record with what AWS shows of an artifact that was named by its URL."""
    record = MODEL.find(cloud, request["ModelName"])
    if container := record.get("PrimaryContainer"):
        record["PrimaryContainer"] = described(container)
    if containers := record.get("Containers"):
        record["Containers"] = [described(each) for each in containers]
    return record


async def _check(cloud: Cloud, request: Request) -> None:
    containers = request.get("Containers", [])
    if ("PrimaryContainer" in request) == bool(containers):
        raise ValidationError("Exactly one of PrimaryContainer and Containers must be given")
    if len(containers) > 1:
        raise ValidationError("labcloud runs models of one container, not inference pipelines")
    container = container_of(request)
    if container.get("Mode") == "MultiModel":
        raise ValidationError("labcloud does not implement the Mode MultiModel of containers")
    if "Image" not in container:
        raise ValidationError("The container definition must name an Image")
    config = container.get("ImageConfig", {})
    access = config.get("RepositoryAccessMode")
    if access != "Vpc" and "RepositoryAuthConfig" in config:
        raise ValidationError("RepositoryAuthConfig is for the RepositoryAccessMode Vpc only")
    _check_environment(container.get("Environment", {}))
    await require_serving_image(cloud, container["Image"], private=access == "Vpc")
    artifact = artifact_of(container)
    if artifact is None:
        return
    if artifact.is_prefix and artifact.is_archive:
        raise ValidationError(
            "With the CompressionType Gzip, ModelDataSource must name one object: set S3DataType "
            "to S3Object"
        )
    if artifact.is_prefix and not artifact.uri.endswith("/"):
        # AWS documents the rule, not the words.
        raise ValidationError(
            "The S3Uri of a ModelDataSource with the S3DataType S3Prefix must end with a forward "
            f"slash: {artifact.uri}/"
        )
    if elsewhere(cloud, location(artifact.uri)):
        raise ValidationError(
            f"Could not access model data at {artifact.uri}. Please ensure that the role "
            f'"{request.get("ExecutionRoleArn", "")}" exists and that its trust relationship '
            'policy allows the action "sts:AssumeRole" for the service principal '
            '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions '
            f"and that the object is located in {cloud.arns.region}. If your Model uses multiple "
            "models or uncompressed models, please ensure that the role has "
            '"s3:ListBucket" permission.'
        )
    if not cloud.objects.exists(location(artifact.uri)):
        raise ValidationError(f"Could not find model data at {artifact.uri}.")


OPERATIONS = {
    "CreateModel": create_model,
    "DeleteModel": MODEL.delete,
    **MODEL.operations(),
    "DescribeModel": describe_model,
}
