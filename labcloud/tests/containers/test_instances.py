"""Resources by instance type, as AWS's list has them."""

from __future__ import annotations

import pytest

from labcloud.containers.instances import resources_of


@pytest.mark.parametrize(
    ("instance_type", "vcpus", "gib"),
    [
        ("ml.t3.medium", 2, 4),
        ("ml.t2.xlarge", 4, 16),
        ("ml.m5.large", 2, 8),
        ("ml.m4.10xlarge", 40, 160),
        ("ml.m7i-flex.2xlarge", 8, 32),
        ("ml.c4.8xlarge", 36, 60),
        ("ml.c5.xlarge", 4, 8),
        ("ml.c5.18xlarge", 72, 144),
        ("ml.c5n.large", 2, 5.25),
        ("ml.r5d.4xlarge", 16, 128),
    ],
)
def test_known_types(instance_type: str, vcpus: int, gib: float) -> None:
    found = resources_of(instance_type)
    assert found is not None
    assert (found.vcpus, found.memory / 1024**3) == (vcpus, gib)


@pytest.mark.parametrize("instance_type", ["ml.p3.2xlarge", "ml.g5.xlarge", "ml.t3.tiny", "local"])
def test_other_types_have_no_limits(instance_type: str) -> None:
    assert resources_of(instance_type) is None
