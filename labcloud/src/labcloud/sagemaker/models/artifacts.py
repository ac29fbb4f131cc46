"""The files of a model, brought from S3 to where its container looks for them."""

from __future__ import annotations

from typing import Any

from labcloud.aws.s3.objects import Location, ObjectStoreError
from labcloud.cloud import Cloud
from labcloud.containers.archives import BadArchive, unpack
from labcloud.containers.contract import Contract
from labcloud.containers.tar_stream import is_gzip
from labcloud.sagemaker.data import download_channel
from labcloud.sagemaker.failures import ClientError
from labcloud.sagemaker.models.definition import artifact_of


def fetch_model(cloud: Cloud, container: dict[str, Any], contract: Contract) -> None:
    """Makes a container's /opt/ml with its model in it. Blocking. Raises ClientError."""
    contract.create()
    uri = artifact_of(container)
    if uri is None:
        return
    location = Location.parse(uri)
    if location.key.endswith(".tar.gz"):
        # Beside the folder that the container sees.
        archive = contract.root.with_name("model.tar.gz")
        try:
            cloud.objects.download(location, archive)
            if not is_gzip(archive):
                # An archive that is compressed otherwise, or not at all, fails on AWS too.
                raise BadArchive("not in gzip format")
            unpack(archive, contract.model)
        except (BadArchive, ObjectStoreError) as error:
            raise ClientError(f"Failed to extract model data archive {uri}: {error}") from error
        archive.unlink()
    else:
        download_channel(
            cloud.objects, {"DataSource": {"S3DataSource": {"S3Uri": uri}}}, contract.model
        )
