"""A container definition of CreateModel: which image, and where its files are."""

from __future__ import annotations

from typing import Any


def container_of(model: dict[str, Any]) -> dict[str, Any]:
    """The one container of a model."""
    # An empty one is one, too.
    found: dict[str, Any] = (
        model["PrimaryContainer"] if "PrimaryContainer" in model else model["Containers"][0]
    )
    return found


def artifact_of(container: dict[str, Any]) -> str | None:
    """The S3 URI of a container's model.tar.gz, or of the prefix that holds its files."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    uri: str | None = container.get("ModelDataUrl") or source.get("S3Uri")
    return uri
