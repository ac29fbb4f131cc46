"""Which objects a transform job reads, and what the output of each is called."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from labcloud.aws.s3.objects import Location, Objects, ObjectStoreError
from labcloud.sagemaker.data import below
from labcloud.sagemaker.failures import ClientError


@dataclass(frozen=True)
class Input:
    """An object to transform; `name` is the name of its output, without `.out`."""

    location: Location
    name: str


def inputs(objects: Objects, source: dict[str, Any]) -> list[Input]:
    """The objects of a TransformS3DataSource, in the order of their keys. Raises ClientError.

    A prefix takes all keys that begin with it. A manifest names its own: `[{"prefix": "s3://…"},
    "a", "b"]`.
    """
    uri = Location.parse(source["S3Uri"])
    if source["S3DataType"] == "ManifestFile":
        return _listed(objects, uri)
    return [Input(Location(uri.bucket, key), below(uri.key, key)) for key in objects.keys(uri)]


def _listed(objects: Objects, manifest: Location) -> list[Input]:
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
    return [Input(Location(prefix.bucket, prefix.key + name), name) for name in names]
