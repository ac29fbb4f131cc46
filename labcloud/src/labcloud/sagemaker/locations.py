"""S3 URIs in requests: read, and looked up where AWS looks them up at the call."""

from __future__ import annotations

from labcloud.aws.s3.objects import Location
from labcloud.cloud import Cloud
from labcloud.sagemaker.data import no_objects
from labcloud.sagemaker.errors import ValidationError


def location(uri: str) -> Location:
    """Raises ValidationError for what is no S3 URI."""
    try:
        return Location.parse(uri)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def require_objects(cloud: Cloud, uri: str, role: str) -> None:
    """Raises ValidationError where nothing lies under a URI that a role is to read."""
    if not cloud.objects.exists(location(uri)):
        raise ValidationError(no_objects(uri, cloud.arns.region, role))
