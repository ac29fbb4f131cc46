"""Model package groups of the session's labcloud, and what a package needs."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud_support.resources import IMAGE

from .versions import Versions


@pytest.fixture(scope="session")
def artifact(bucket: str, golden: dict[str, Any]) -> str:
    """An object that a package may name. It is no model, and whoever names it does not serve it."""
    return f"s3://{bucket}/{next(iter(golden['files']))}/data"


@pytest.fixture
def versions(sagemaker: Any, name: str, artifact: str) -> Versions:
    """A group without versions, and what makes them."""
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return Versions(sagemaker, name, {"Image": IMAGE, "ModelDataUrl": artifact})
