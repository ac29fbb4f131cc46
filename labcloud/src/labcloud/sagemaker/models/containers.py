"""What is checked of one container definition, of a model or of a model package."""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.images import require_serving_image
from labcloud.sagemaker.locations import elsewhere, location
from labcloud.sagemaker.models.definition import Artifact

_LONGEST_ENVIRONMENT = 32 * 1024  # bytes


async def check_image(cloud: Cloud, container: dict[str, Any]) -> None:
    """Raises ValidationError for an image that is not there, and for a wrong ImageConfig."""
    config = container.get("ImageConfig", {})
    access = config.get("RepositoryAccessMode")
    if access != "Vpc" and "RepositoryAuthConfig" in config:
        raise ValidationError("RepositoryAuthConfig is for the RepositoryAccessMode Vpc only")
    await require_serving_image(cloud, container["Image"], private=access == "Vpc")


def check_environment(environment: dict[str, str]) -> None:
    """Raises ValidationError for more than AWS takes, of keys and values together."""
    size = sum(len(text.encode()) for pair in environment.items() for text in pair)
    if size > _LONGEST_ENVIRONMENT:
        raise ValidationError(
            f"The keys and values of Environment must not exceed {_LONGEST_ENVIRONMENT} bytes "
            f"together, and these have {size}"
        )


def check_artifact(cloud: Cloud, artifact: Artifact, role: str) -> None:
    """Raises ValidationError for files of a model that are not there, or not for `role`."""
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
            f'"{role}" exists and that its trust relationship '
            'policy allows the action "sts:AssumeRole" for the service principal '
            '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions '
            f"and that the object is located in {cloud.arns.region}. If your Model uses multiple "
            "models or uncompressed models, please ensure that the role has "
            '"s3:ListBucket" permission.'
        )
    if not cloud.objects.exists(location(artifact.uri)):
        raise ValidationError(f"Could not find model data at {artifact.uri}.")
