"""The storage of a job's instances, as far as a request can be wrong about it."""

from __future__ import annotations

from typing import Any

from labcloud.containers.instances import has_storage
from labcloud.sagemaker.errors import ValidationError


def check_volume_key(kind: str, resources: dict[str, Any]) -> None:
    """Raises ValidationError for a key of storage that comes with the instance."""
    if has_storage(kind) and resources.get("VolumeKmsKeyId"):
        raise ValidationError(
            f"VolumeKmsKeyId cannot be used with {kind}, an instance type with local storage"
        )
