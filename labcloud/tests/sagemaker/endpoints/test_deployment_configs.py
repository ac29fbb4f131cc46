"""What a DeploymentConfig of UpdateEndpoint cannot ask for."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.sagemaker.endpoints.deployment_configs import routing_of
from labcloud.sagemaker.errors import ValidationError

SIZE = {"Type": "CAPACITY_PERCENT", "Value": 50}
KINDS: dict[str, dict[str, Any]] = {
    "ALL_AT_ONCE": {},
    "CANARY": {"CanarySize": SIZE},
    "LINEAR": {"LinearStepSize": SIZE},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_blue_green_policy_keeps_the_names_of_the_variants(kind: str) -> None:
    traffic = {"Type": kind, "WaitIntervalInSeconds": 0, **KINDS[kind]}
    config = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": traffic}}
    blue, green = ([{"VariantName": name, "InitialInstanceCount": 2}] for name in "ab")
    assert routing_of(config, blue, blue).shares[-1] == 1.0
    with pytest.raises(ValidationError, match="with the variants of the old one"):
        routing_of(config, green, blue)
    # Without a policy, AWS's documents forbid nothing.
    routing_of({}, green, blue)
