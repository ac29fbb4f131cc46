"""The image of one's own, and tuning jobs of the session's labcloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..pushed import push
from .tunings import FILES, Tunings


@pytest.fixture(scope="session")
def image(client: Callable[[str], Any]) -> str:
    ecr = client("ecr")
    ecr.create_repository(repositoryName="sagemaker-searched")
    return push(ecr, "sagemaker-searched", FILES)


@pytest.fixture(scope="session")
def tunings(sagemaker: Any, image: str, bucket: str, golden: dict[str, Any]) -> Tunings:
    return Tunings(sagemaker, image, bucket, golden["regression"]["channels"])
