"""SourceUri: a package that is made of a model, or of another package."""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.models.definition import container_of
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.registry.resource import MODEL_PACKAGE, find
from labcloud.sagemaker.resource import Request

_SPECIFICATION = "InferenceSpecification"
# What a container of a model and one of a package both have.
_SHARED = ("Image", "ModelDataUrl", "ModelDataSource", "Environment", "ContainerHostname")


async def specification_of(cloud: Cloud, request: Request) -> dict[str, Any] | None:
    """The InferenceSpecification of a request: given, or that of its SourceUri, or none.

    A SourceUri that is no ARN of a model or a package is kept as it is.
    Raises ValidationError where both are given, or the source is not there.
    """
    given: dict[str, Any] | None = request.get(_SPECIFICATION)
    source = request.get("SourceUri", "")
    if source and given is not None:
        raise ValidationError("Give an InferenceSpecification or a SourceUri, not both")
    kind = source.split(":")[-1].partition("/")[0] if source.startswith("arn:") else ""
    if kind == MODEL_PACKAGE.kind:
        found: dict[str, Any] | None = find(cloud, MODEL_PACKAGE, source).get(_SPECIFICATION)
        return found
    if kind == MODEL.kind:
        container = container_of(find(cloud, MODEL, source))
        return {"Containers": [{key: container[key] for key in _SHARED if key in container}]}
    return given
