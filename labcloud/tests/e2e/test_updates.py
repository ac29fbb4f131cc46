"""UpdateEndpoint and its sister, as boto3 sees them: what is described, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.resources import ROLE, undeploy, variant

from .pushed import HELD, push

ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint"


@pytest.fixture
def go(tmp_path: Path) -> Iterator[Path]:
    """The bad model is held until this file is there."""
    yield tmp_path / "go"
    (tmp_path / "go").touch()


@pytest.fixture
def own(sagemaker: Any, config: str, name: str, go: Path) -> Iterator[str]:
    """An endpoint for one test."""
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    yield name
    go.touch()
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    undeploy(sagemaker, name)


@pytest.fixture
def bad(sagemaker: Any, ecr: Any, repository: str, name: str, go: Path) -> str:
    """A configuration of a model whose server ends instead of serving, when it is let go."""
    environment = {"GO": str(go), "END": "1"}
    container = {"Image": push(ecr, repository, HELD), "Environment": environment}
    bad = f"{name}-bad"
    sagemaker.create_model(ModelName=bad, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName=bad, ProductionVariants=[variant(bad)])
    return bad


def test_a_bad_model_rolls_back_and_says_why(
    sagemaker: Any, own: str, config: str, bad: str, go: Path
) -> None:
    sagemaker.update_endpoint(EndpointName=own, EndpointConfigName=bad)
    updating = sagemaker.describe_endpoint(EndpointName=own)
    assert updating["EndpointStatus"] == "Updating"
    assert updating["EndpointConfigName"] == config
    assert updating["PendingDeploymentSummary"]["EndpointConfigName"] == bad
    go.touch()
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=own)
    found = sagemaker.describe_endpoint(EndpointName=own)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", config)
    assert found["FailureReason"].startswith(
        "The primary container for production variant AllTraffic did not pass the ping health"
    )
    assert "PendingDeploymentSummary" not in found


def test_a_linear_update_goes_step_by_step(sagemaker: Any, own: str, config: str) -> None:
    step = {"Type": "CAPACITY_PERCENT", "Value": 50}
    routing = {"Type": "LINEAR", "WaitIntervalInSeconds": 1, "LinearStepSize": step}
    deployment = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}
    sagemaker.update_endpoint(
        EndpointName=own, EndpointConfigName=config, DeploymentConfig=deployment
    )
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=own)
    assert sagemaker.describe_endpoint(EndpointName=own)["LastDeploymentConfig"] == deployment


def test_what_is_changing_cannot_be_changed(
    sagemaker: Any, own: str, config: str, bad: str, name: str
) -> None:
    weight = [{"VariantName": "AllTraffic", "DesiredWeight": 1}]
    sagemaker.update_endpoint(EndpointName=own, EndpointConfigName=bad)
    for call in (
        lambda: sagemaker.update_endpoint(EndpointName=own, EndpointConfigName=config),
        lambda: sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=own, DesiredWeightsAndCapacities=weight
        ),
        lambda: sagemaker.delete_endpoint(EndpointName=own),
    ):
        with pytest.raises(ClientError, match=f'Cannot update in-progress endpoint "{ARN}/{name}"'):
            call()


def test_one_that_is_being_created_cannot_be_deleted(
    sagemaker: Any, bad: str, name: str, go: Path
) -> None:
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=bad)
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.delete_endpoint(EndpointName=name)
    go.touch()
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    with pytest.raises(ClientError, match="Cannot update failed endpoint"):
        sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=bad)
    undeploy(sagemaker, name)


def test_what_is_not_there_is_not_found(sagemaker: Any, endpoint: str) -> None:
    weight = [{"VariantName": "AllTraffic", "DesiredWeight": 1}]
    with pytest.raises(ClientError, match=f'Could not find endpoint "{ARN}/nobody"'):
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="nobody", DesiredWeightsAndCapacities=weight
        )
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName="nobody")
