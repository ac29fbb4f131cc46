"""What the machine works with, and one that tests drive themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labcloud.client import launch

from .ground import Material
from .machine import Machine


@pytest.fixture
def material(
    tmp_path_factory: pytest.TempPathFactory,
    client: Callable[[str], Any],
    trained: dict[str, Any],
    request_of: Callable[..., dict[str, Any]],
    bucket: str,
    golden: dict[str, Any],
) -> Material:
    key = trained["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{bucket}/")
    model = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return Material(
        lambda: tmp_path_factory.mktemp("home"),
        request_of,
        bucket,
        golden["softprob"],
        golden["files"],
        model,
    )


@pytest.fixture
def machine(material: Material) -> Iterator[Machine]:
    found = Machine(material)
    yield found
    launch.stop(found.cloud.home)
