"""The files of a model, brought from S3 to where its container looks for them."""

from __future__ import annotations

from typing import Any

from labcloud.aws.s3.objects import ObjectStoreError
from labcloud.aws.s3.uris import Location
from labcloud.cloud import Cloud
from labcloud.containers.archives import BadArchive, unpack
from labcloud.containers.contract import Contract
from labcloud.containers.tar_stream import is_gzip
from labcloud.sagemaker.data import Item, bring, download
from labcloud.sagemaker.failures import ClientError
from labcloud.sagemaker.models.definition import artifact_of


class DownloadFailed(ClientError):
    """A model's files are not there, or do not come in time. In the words for an endpoint.

    After them stands `why`, where it is something else.
    """

    def __init__(self, container: dict[str, Any], why: object = "") -> None:
        artifact = artifact_of(container)
        self.uri = artifact.uri if artifact else ""
        super().__init__(
            f'Failed to download model data for container "container_1" from URL: "{self.uri}". '
            "Please ensure that there is an object located at the URL and that the role passed to "
            "CreateModel has permissions to download the object."
            + (f" (labcloud: {why})" if why else "")
        )


class BadModelArchive(ClientError):
    """A model's archive cannot be unpacked; after AWS's words stands why."""

    def __init__(self, uri: str, why: BadArchive) -> None:
        super().__init__(
            'Failed to extract model data archive for container "container_1" from URL '
            f'"{uri}". Please ensure that the object located at the URL is a valid '
            f"tar.gz archive. (labcloud: {why})"
        )


def fetch_model(cloud: Cloud, container: dict[str, Any], contract: Contract) -> None:
    """Makes a container's /opt/ml with its model in it. Blocking. Raises ClientError."""
    contract.create()
    artifact = artifact_of(container)
    if artifact is None:
        return
    location = Location.parse(artifact.uri)
    if not cloud.objects.exists(location):
        raise DownloadFailed(container)
    if artifact.is_prefix or not artifact.is_archive:
        try:
            if artifact.is_prefix:
                download(cloud.objects, {"S3Uri": artifact.uri}, contract.model)
            else:
                name = location.key.rpartition("/")[2]
                bring(cloud.objects, Item(location, name), contract.model)
        except ClientError as error:
            raise DownloadFailed(container, error) from error
        return
    # Beside the folder that the container sees.
    archive = contract.root.with_name("model.tar.gz")
    try:
        cloud.objects.download(location, archive)
    except ObjectStoreError as error:
        raise DownloadFailed(container) from error
    try:
        if not is_gzip(archive):
            # An archive that is compressed otherwise, or not at all, fails on AWS too.
            raise BadArchive("it is not in gzip format")
        unpack(archive, contract.model)
    except BadArchive as error:
        raise BadModelArchive(artifact.uri, error) from error
    archive.unlink()
