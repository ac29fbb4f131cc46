"""Whether the image that a request names exists; if not, the refusal in AWS's words.

AWS looks it up in Amazon ECR when a training job or a model is created.
"""

from __future__ import annotations

import hashlib
import re

from labcloud.cloud import Cloud
from labcloud.containers.engine import not_available
from labcloud.containers.image_uris import ImageUri, parse, suffix_of
from labcloud.sagemaker.errors import ValidationError

_TAG = re.compile(r":[\w.-]+$")
_VPC = "TrainingImageConfig with TrainingRepositoryAccessMode set to VPC"
_PULL = "ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"


async def require_training_image(cloud: Cloud, image: str, role: str, *, private: bool) -> None:
    """Raises ValidationError if no engine has the image of a training job.

    `private`: the job says that its image is in a registry that is not ECR.
    """
    named = parse(image)
    if named is None and not private:
        raise ValidationError(
            f"{_VPC} must be provided when using a training image from a private Docker registry. "
            f"Please provide {_VPC.replace('with', 'and')} when using a training image from a "
            "private Docker registry."
        )
    if named and _elsewhere(cloud, named):
        own = f"{cloud.arns.region}.{suffix_of(cloud.arns.region)}"
        raise ValidationError(
            f"Invalid DNS suffix '{named.suffix}' for region '{named.region}' in training image. "
            f"Please provide the valid <region>.<dns-suffix>: '{own}'"
        )
    if await cloud.engine.holds(image):
        return
    if named is None:
        raise ValidationError(not_available(image))
    if named.account != cloud.arns.account:
        raise ValidationError(
            f"Access denied for repository: {named.repository} in registry ID: {named.account}. "
            f"Please check if your ECR repository and image exist and role {role} has proper pull "
            f"permissions for SageMaker: {_PULL}. {not_available(image)}"
        )
    if cloud.images.repository(image) is None:
        raise ValidationError(
            f"Cannot find repository: {named.repository} in registry ID: {named.account} Please "
            f"check if your ECR repository exists and role {role} has proper pull permissions for "
            f"SageMaker: {_PULL}"
        )
    raise ValidationError(_not_found(cloud, image) or f"Cannot find the requested image: {image}")


async def require_serving_image(cloud: Cloud, image: str, *, private: bool) -> None:
    """Raises ValidationError if no engine has the image of a model."""
    named = parse(image)
    if named is None and not private:
        raise ValidationError(
            f'Using non-ECR image "{image}" without Vpc repository access mode is not supported.'
        )
    if named and _elsewhere(cloud, named):
        raise ValidationError(
            f'Region of "{image}" does not match expected region of {cloud.arns.region}. Cross '
            "region ECR image pulls are not allowed."
        )
    if await cloud.engine.holds(image):
        return
    if named is None:
        raise ValidationError(f"Requested image {image} not found. {not_available(image)}")
    if named.account != cloud.arns.account:
        raise ValidationError(
            f"The repository of your image {image} does not grant ecr:GetDownloadUrlForLayer, "
            "ecr:BatchGetImage, ecr:BatchCheckLayerAvailability permission to "
            f"sagemaker.amazonaws.com service principal. {not_available(image)}"
        )
    raise ValidationError(_not_found(cloud, image) or f"Requested image {image} not found.")


def resolved(cloud: Cloud, image: str) -> str:
    """An image by its digest, as DescribeEndpoint says what was deployed.

    What is not in labcloud's ECR (a built-in image, one of the local Docker) has no digest here: it
    gets one that stands for its URI.
    """
    found = cloud.images.find(image)
    digest = found.image_digest if found else f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"
    return image if "@" in image else f"{_TAG.sub('', image)}@{digest}"


def _elsewhere(cloud: Cloud, named: ImageUri) -> bool:
    """Whether an image is said to be at another place than the region's registries."""
    region = cloud.arns.region
    return (named.region, named.suffix) != (region, suffix_of(region))


def _not_found(cloud: Cloud, image: str) -> str:
    """The message for an image that ECR knows and no engine has; empty if ECR does not know it."""
    if cloud.images.find(image) is None:
        return ""
    return (
        f"The image {image} was built by Docker, which does not answer now or does not hold it any "
        "more. Start Docker, or push the image again."
    )
