"""A model made of a model package: what its container is."""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE, find, group_of
from labcloud.state.records import Record

_PACKAGE = "ModelPackageName"
_SPECIFICATION = "InferenceSpecificationName"
# What the package says, and a container that names one does not.
_OF_THE_PACKAGE = ("Image", "ImageConfig", "ModelDataUrl", "ModelDataSource")
# What a container of a model has of one of a package.
_TAKEN = ("Image", "ModelDataUrl", "ModelDataSource")
_APPROVED = "Approved"


def unpacked(cloud: Cloud, container: dict[str, Any]) -> dict[str, Any]:
    """A container definition with what its package says; one without a package as it is.

    The model keeps it: neither an update nor the end of the package changes the model. Variables
    that the definition gives count before the package's. Raises ValidationError.
    """
    if _PACKAGE not in container:
        if _SPECIFICATION in container:
            raise ValidationError(f"{_SPECIFICATION} is for a container that names a {_PACKAGE}")
        return container
    for member in _OF_THE_PACKAGE:
        if member in container:
            raise ValidationError(
                f"A container definition that names a {_PACKAGE} cannot have {member}: the model "
                "package says it"
            )
    package = find(cloud, MODEL_PACKAGE, container[_PACKAGE])
    arn = package["ModelPackageArn"]
    status = package.get("ModelApprovalStatus")
    # AWS documents the rule, not the words.
    if group_of(package) and status != _APPROVED:
        raise ValidationError(
            f"ModelPackage {arn} cannot be deployed: its ModelApprovalStatus is {status}, and must "
            f"be {_APPROVED}"
        )
    containers = _specification(package, container.get(_SPECIFICATION))["Containers"]
    if len(containers) != 1:
        raise ValidationError(
            f"ModelPackage {arn} has {len(containers)} containers, and labcloud runs models of one "
            "container, not inference pipelines"
        )
    (of_package,) = containers
    environment = of_package.get("Environment", {}) | container.get("Environment", {})
    taken = {member: of_package[member] for member in _TAKEN if member in of_package}
    return container | taken | ({"Environment": environment} if environment else {})


def _specification(package: Record, name: str | None) -> dict[str, Any]:
    """The InferenceSpecification of a package, or the additional one of this name."""
    arn = package["ModelPackageArn"]
    if name is None:
        found: dict[str, Any] | None = package.get("InferenceSpecification")
        if found is None:
            raise ValidationError(f"ModelPackage {arn} has no InferenceSpecification to deploy")
        return found
    for each in package.get("AdditionalInferenceSpecifications", []):
        if each["Name"] == name:
            additional: dict[str, Any] = each
            return additional
    raise ValidationError(f"ModelPackage {arn} has no inference specification {name}")
