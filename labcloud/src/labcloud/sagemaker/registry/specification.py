"""Inference specifications: the containers of a package, checked and as they are described."""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.images import resolved
from labcloud.sagemaker.models.containers import check_artifact, check_environment, check_image
from labcloud.sagemaker.models.definition import artifact_of

Specification = dict[str, Any]

_MOST_ADDITIONAL = 15


async def checked(cloud: Cloud, given: Specification, *, versioned: bool) -> Specification:
    """An InferenceSpecification with what AWS adds. Raises ValidationError."""
    if not versioned:
        _check_unversioned(given)
    containers = [await _container(cloud, each) for each in given["Containers"]]
    return {**given, "Containers": containers}


async def additional(
    cloud: Cloud, given: list[Specification], *, versioned: bool
) -> list[Specification]:
    """New AdditionalInferenceSpecifications with what AWS adds. Raises ValidationError."""
    return [await checked(cloud, each, versioned=versioned) for each in given]


def check_names(there: list[Specification], given: list[Specification]) -> None:
    """Of AdditionalInferenceSpecifications that are `there` and new ones.

    Raises ValidationError where two have the same, or where there are too many of them.
    """
    names = [each["Name"] for each in (*there, *given)]
    if len(names) != len(set(names)):
        raise ValidationError("Each Name of AdditionalInferenceSpecifications must be unique")
    if len(names) > _MOST_ADDITIONAL:
        raise ValidationError(
            f"A model package has at most {_MOST_ADDITIONAL} AdditionalInferenceSpecifications"
        )


def _check_unversioned(given: Specification) -> None:
    """What a package must have that is in no group."""
    if any(container.get("Environment") for container in given["Containers"]):
        raise ValidationError(
            "1 validation errors detected:Environment variable map cannot be specified when using "
            "non-versioned ModelPackages"
        )
    for member in ("SupportedTransformInstanceTypes", "SupportedRealtimeInferenceInstanceTypes"):
        if not given.get(member):
            raise ValidationError(
                f"InferenceSpecification.{member} is required for a model package that is in no "
                "model package group"
            )


async def _container(cloud: Cloud, container: dict[str, Any]) -> dict[str, Any]:
    if "Image" not in container:
        raise ValidationError("Each container of an InferenceSpecification must name an Image")
    if "ModelDataUrl" in container and "ModelDataSource" in container:
        raise ValidationError("A container has a ModelDataUrl or a ModelDataSource, not both")
    check_environment(container.get("Environment", {}))
    await check_image(cloud, container)
    # No role is named here; the model that is made of the package has one.
    if artifact := artifact_of(container):
        check_artifact(cloud, artifact, role="")
    _, _, digest = resolved(cloud, container["Image"]).partition("@")
    if container.get("ImageDigest", digest).lower() != digest:
        raise ValidationError(
            f"The ImageDigest {container['ImageDigest']} is not that of {container['Image']}, "
            f"which is {digest}"
        )
    return container | {"ImageDigest": digest}
