"""A container definition of CreateModel: which image, and where its files are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# The variable of a container that names the user's script.
SCRIPT = "SAGEMAKER_PROGRAM"


@dataclass(frozen=True)
class Artifact:
    """Where a model's files are: in one archive, in one file, or below a prefix."""

    uri: str
    is_archive: bool = True
    is_prefix: bool = False


def container_of(model: dict[str, Any]) -> dict[str, Any]:
    """The one container of a model."""
    # An empty one is one, too.
    found: dict[str, Any] = (
        model["PrimaryContainer"] if "PrimaryContainer" in model else model["Containers"][0]
    )
    return found


def described(container: dict[str, Any]) -> dict[str, Any]:
    """A container as AWS describes it: its ModelDataUrl as a ModelDataSource, too.

    For answers only. The record says which of the two the model was made with, and batch transform
    refuses the other.
    """
    if "ModelDataUrl" not in container:
        return container
    source = {
        "S3Uri": container["ModelDataUrl"],
        "S3DataType": "S3Object",
        "CompressionType": "Gzip",
    }
    added = {
        "Mode": "SingleModel",
        "ModelDataSource": {"S3DataSource": source},
        "Environment": {},
    }
    return added | container


def artifact_of(container: dict[str, Any]) -> Artifact | None:
    """The artifact of a container: its ModelDataUrl, or its ModelDataSource."""
    if url := container.get("ModelDataUrl"):
        return Artifact(url)
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source is None:
        return None
    return Artifact(
        source["S3Uri"],
        is_archive=source["CompressionType"] == "Gzip",
        is_prefix=source["S3DataType"] == "S3Prefix",
    )
