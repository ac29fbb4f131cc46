"""The text of a definition, from a request or from S3."""

from __future__ import annotations

import asyncio

from labcloud.aws.s3.objects import ObjectStoreError
from labcloud.aws.s3.uris import Location
from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.locations import elsewhere
from labcloud.sagemaker.pipelines.problems import Unparsed
from labcloud.sagemaker.resource import Request

_TEXT, _S3 = "PipelineDefinition", "PipelineDefinitionS3Location"
# Of a definition (characters), says AWS's model of DescribePipeline.
_LONGEST = 1_048_576


async def text_of(cloud: Cloud, request: Request) -> str | None:
    """The definition that a request has; None where it has none. Raises ValidationError."""
    if _TEXT in request and _S3 in request:
        raise ValidationError(
            "Both Pipeline Definition and Pipeline Definition S3 Location shouldn't be present"
        )
    if _TEXT in request:
        text: str = request[_TEXT]
        return text
    if _S3 not in request:
        return None
    place = request[_S3]
    found = Location(place["Bucket"], place["ObjectKey"])
    if elsewhere(cloud, found):
        raise ValidationError(f"The bucket of {found} is in another region")
    return await asyncio.to_thread(_read, cloud, found)


def _read(cloud: Cloud, place: Location) -> str:
    """Blocking."""
    try:
        with cloud.objects.open(place) as file:
            content = file.read(4 * _LONGEST + 1)
    except ObjectStoreError as error:
        raise ValidationError(f"The pipeline definition cannot be read: {error}") from error
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise Unparsed("It is not text in UTF-8.") from error
    if len(text) > _LONGEST:
        raise ValidationError(f"A pipeline definition can have {_LONGEST} characters")
    return text
