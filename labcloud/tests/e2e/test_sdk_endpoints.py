"""Endpoints of several variants through the SDK v3, unmodified, with only the environment."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

SCRIPT = """
import json, sys
from sagemaker.core.resources import Endpoint, EndpointConfig
from sagemaker.core.shapes import DesiredWeightAndCapacity, ProductionVariant

model, row = json.load(sys.stdin)
# SDK 3.27 leaves a weight of 0 out of its requests, and AWS takes 1 where none is given.
# In a million requests one goes to a variant of this weight.
LEAST = 1e-6

def config(name, **weights):
    return EndpointConfig.create(
        endpoint_config_name=name,
        production_variants=[
            ProductionVariant(
                variant_name=variant, model_name=model, instance_type="ml.m5.large",
                initial_instance_count=1, initial_variant_weight=weight,
            )
            for variant, weight in weights.items()
        ],
    )

config("sdk-two", blue=1, green=LEAST)
config("sdk-one", green=1)
endpoint = Endpoint.create(endpoint_name="sdk-endpoint", endpoint_config_name="sdk-two")
endpoint.wait_for_status("InService")

def invoke(**more):
    return endpoint.invoke(body=row, content_type="text/csv", **more)

found = {
    "by weight": invoke().invoked_production_variant,
    "by target": invoke(target_variant="green").invoked_production_variant,
    "answer": invoke().body.read().decode(),
}
endpoint.update_weights_and_capacities(
    [
        DesiredWeightAndCapacity(variant_name="blue", desired_weight=LEAST),
        DesiredWeightAndCapacity(variant_name="green", desired_weight=1),
    ]
)
endpoint.wait_for_status("InService")
found["after the weights"] = invoke().invoked_production_variant
endpoint.endpoint_config_name = "sdk-one"
endpoint.update()
endpoint.wait_for_status("InService")
endpoint.refresh()
found["variants"] = [each.variant_name for each in endpoint.production_variants]
found["answer after it"] = invoke().body.read().decode()
endpoint.delete()
endpoint.wait_for_delete()
print("\\nRESULT", json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(cloud_environment: dict[str, str], model: str) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps([model, "5.9,3.0,5.1,1.8"]),
        env=cloud_environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    (line,) = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
    result: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
    return result


def test_requests_go_by_weight_and_by_target(found: dict[str, Any]) -> None:
    assert (found["by weight"], found["by target"]) == ("blue", "green")


def test_weights_change_while_it_serves(found: dict[str, Any]) -> None:
    assert found["after the weights"] == "green"


def test_it_moves_to_another_configuration(found: dict[str, Any]) -> None:
    assert found["variants"] == ["green"]


def test_the_same_model_answers_the_same(found: dict[str, Any]) -> None:
    assert found["answer after it"] == found["answer"]
    assert len(found["answer"].split(",")) == 3
