"""The objects that a job names in S3: which they are, and how they come into its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labcloud.aws.s3.objects import Objects, ObjectStoreError
from labcloud.aws.s3.uris import Location
from labcloud.sagemaker.failures import ClientError
from labcloud.state.paths import inside

PREFIX, MANIFEST = "S3Prefix", "ManifestFile"


@dataclass(frozen=True)
class Item:
    """An object that a job reads; `name` is what it is called for the job, with slashes."""

    location: Location
    name: str


def no_objects(uri: str, region: str, role: str) -> str:
    """AWS's message for an input without objects."""
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that '
        f"the bucket exists in the selected region ({region}), that objects exist under that S3 "
        f'prefix, and that the role "{role}" has "s3:ListBucket" permissions on bucket '
        f'"{Location.parse(uri).bucket}".'
    )


def items(objects: Objects, source: dict[str, Any]) -> list[Item]:
    """The objects of an S3DataSource, in the order of their keys. Blocking. Raises ClientError.

    A prefix takes all keys that begin with it. A manifest names its own: `[{"prefix": "s3://…"},
    "a", "b"]`, in this order.
    """
    uri = Location.parse(source["S3Uri"])
    if source.get("S3DataType", PREFIX) == MANIFEST:
        return _listed(objects, uri)
    return [Item(Location(uri.bucket, key), below(uri.key, key)) for key in objects.keys(uri)]


def _listed(objects: Objects, manifest: Location) -> list[Item]:
    try:
        with objects.open(manifest) as file:
            first, *names = json.load(file)
        prefix = Location.parse(first["prefix"])
    except ObjectStoreError as error:
        raise ClientError(str(error)) from error
    except (ValueError, TypeError, KeyError) as error:
        raise ClientError(
            f'The manifest {manifest} is not a list of {{"prefix": "s3://…"}} and names'
        ) from error
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ClientError(f"The manifest {manifest} must name objects after its prefix")
    return [Item(Location(prefix.bucket, prefix.key + name), name) for name in names]


def download(objects: Objects, source: dict[str, Any], folder: Path) -> None:
    """Copies the objects of an S3DataSource to `folder`. Blocking. Raises ClientError."""
    folder.mkdir(parents=True, exist_ok=True)
    for item in items(objects, source):
        bring(objects, item, folder)


def bring(objects: Objects, item: Item, folder: Path) -> None:
    """Copies one object to its name below `folder`. Blocking. Raises ClientError."""
    try:
        target = inside(folder, item.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        objects.download(item.location, target)
    except (ValueError, ObjectStoreError) as error:
        raise ClientError(f"Data download failed: {error}") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise ClientError(
            f"Data download failed: the key {item.location.key!r} needs a folder where another "
            "key is a file, or the other way round"
        ) from error


def below(prefix: str, key: str) -> str:
    """What a key that begins with `prefix` is called below it.

    With `data/train`, `data/train/a` is `a`; `data/train.csv` is `train.csv`, and so is the key
    `data/train` itself `train`: a prefix is not a folder, but it may name one.
    """
    folder = prefix.rstrip("/") + "/"
    if prefix and key.startswith(folder):
        return key[len(folder) :]
    return key[prefix.rfind("/") + 1 :]
