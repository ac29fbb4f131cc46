"""Brings the objects that a job names from S3 into its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labcloud.store.objects import Location, Objects, ObjectStoreError, inside


class ClientError(Exception):
    """What the job's author has to mend; the FailureReason starts with `ClientError: `."""


def no_objects(uri: str, region: str, role: str) -> str:
    """What AWS says of an input where there is nothing."""
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that '
        f"the bucket exists in the selected region ({region}), that objects exist under that S3 "
        f'prefix, and that the role "{role}" has "s3:ListBucket" permissions on bucket '
        f'"{Location.parse(uri).bucket}".'
    )


def source_exists(objects: Objects, channel: dict[str, Any]) -> bool:
    """Whether anything lies under a channel's S3 URI."""
    return objects.exists(Location.parse(channel["DataSource"]["S3DataSource"]["S3Uri"]))


def download_channel(objects: Objects, channel: dict[str, Any], folder: Path) -> int:
    """Copies a channel's objects to `folder`; returns their number. Blocking.

    Names below the prefix are kept: a key equal to the prefix becomes a file of its last part.
    Raises ClientError.
    """
    prefix = Location.parse(channel["DataSource"]["S3DataSource"]["S3Uri"])
    folder.mkdir(parents=True, exist_ok=True)
    keys = objects.keys(prefix)
    base = prefix.key[: prefix.key.rfind("/") + 1]
    if (
        prefix.key
        and not prefix.key.endswith("/")
        and any(key.startswith(prefix.key + "/") for key in keys)
    ):
        # s3://bucket/train names the folder train/: what lies in it goes straight to the channel.
        base = prefix.key + "/"
    for key in keys:
        tail = key[len(base) :] if key.startswith(base) else key.rsplit("/", 1)[-1]
        try:
            target = inside(folder, tail)
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
