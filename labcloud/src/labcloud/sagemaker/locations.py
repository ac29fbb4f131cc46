"""The S3 URIs of requests: parsed, and looked up where AWS does so at the call."""

from __future__ import annotations

from labcloud.aws.s3.uris import Location
from labcloud.cloud import Cloud
from labcloud.sagemaker.data import no_objects
from labcloud.sagemaker.errors import ValidationError


def location(uri: str) -> Location:
    """Raises ValidationError if it is not an S3 URI."""
    try:
        return Location.parse(uri)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def elsewhere(cloud: Cloud, place: Location) -> bool:
    """Whether a bucket is there, and in another region."""
    return cloud.objects.region(place) not in (None, cloud.arns.region)


def require_objects(cloud: Cloud, uri: str, role: str) -> None:
    """Raises ValidationError if there is no object under the URI in the region of the cloud."""
    place = location(uri)
    if elsewhere(cloud, place) or not cloud.objects.exists(place):
        raise ValidationError(no_objects(uri, cloud.arns.region, role))
