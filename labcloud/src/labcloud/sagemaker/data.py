"""Brings the objects that a job names from S3 into its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labcloud.aws.s3.objects import Location, Objects, ObjectStoreError
from labcloud.sagemaker.failures import ClientError
from labcloud.state.paths import inside


def no_objects(uri: str, region: str, role: str) -> str:
    """AWS's message for an input without objects."""
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that '
        f"the bucket exists in the selected region ({region}), that objects exist under that S3 "
        f'prefix, and that the role "{role}" has "s3:ListBucket" permissions on bucket '
        f'"{Location.parse(uri).bucket}".'
    )


def download_channel(objects: Objects, channel: dict[str, Any], folder: Path) -> int:
    """Copies a channel's objects to `folder`; returns their number. Blocking.

    Names below the prefix are kept. Raises ClientError.
    """
    prefix = Location.parse(channel["DataSource"]["S3DataSource"]["S3Uri"])
    folder.mkdir(parents=True, exist_ok=True)
    keys = objects.keys(prefix)
    for key in keys:
        try:
            target = inside(folder, below(prefix.key, key))
            target.parent.mkdir(parents=True, exist_ok=True)
            objects.download(Location(prefix.bucket, key), target)
        except (ValueError, ObjectStoreError) as error:
            raise ClientError(f"Data download failed: {error}") from error
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise ClientError(
                f"Data download failed: the key {key!r} needs a folder where another key is a "
                "file, or the other way round"
            ) from error
    return len(keys)


def below(prefix: str, key: str) -> str:
    """What a key that begins with `prefix` is called below it.

    With `data/train`, `data/train/a` is `a`; `data/train.csv` is `train.csv`, and so is the key
    `data/train` itself `train`: a prefix is not a folder, but it may name one.
    """
    folder = prefix.rstrip("/") + "/"
    if prefix and key.startswith(folder):
        return key[len(folder) :]
    return key[prefix.rfind("/") + 1 :]
