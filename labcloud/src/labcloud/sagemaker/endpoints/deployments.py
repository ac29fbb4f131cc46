"""What an endpoint deploys: a configuration with its models, taken from the records or kept.

Also what the records say of it while it changes.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints.fleet import Deployment
from labcloud.sagemaker.endpoints.resource import ENDPOINT, ENDPOINT_CONFIG
from labcloud.sagemaker.errors import ApiError
from labcloud.sagemaker.failures import ClientError, endpoint_failure_reason
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.resource import Resource
from labcloud.sagemaker.states import EndpointStatus
from labcloud.state.records import Missing, Record

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Routing:
    """How traffic moves to a new fleet: by these shares, `wait` seconds after each of them.

    `linger` is how long the old fleet is kept after that (seconds).
    """

    shares: tuple[float, ...] = (1.0,)
    wait: float = 0.0
    linger: float = 0.0


@dataclass(frozen=True)
class Update:
    """A change to another configuration; `kept` names the fields that its variants keep.

    They are InitialInstanceCount, InitialVariantWeight, or both.
    """

    config: str
    kept: frozenset[str] = frozenset()
    routing: Routing = Routing()


def of_record(cloud: Cloud, endpoint: Record) -> Deployment:
    """What an endpoint has deployed, or is to. Raises ClientError as `of_config` does."""
    if "Deployment" in endpoint:
        deployed: Deployment = endpoint["Deployment"]
        return deployed
    return of_config(cloud, endpoint["EndpointConfigName"])


def of_config(cloud: Cloud, config: str) -> Deployment:
    """Raises ClientError if the configuration or one of its models does not exist (any more)."""
    found = _found(cloud, ENDPOINT_CONFIG, config)
    names = [variant["ModelName"] for variant in found["ProductionVariants"]]
    return {"Config": found, "Models": {name: _found(cloud, MODEL, name) for name in names}}


def of_update(cloud: Cloud, endpoint: Record, update: Update) -> Deployment:
    """What an update deploys. Raises ClientError as `of_config` does."""
    deployment = of_config(cloud, update.config)
    config = deployment["Config"]
    had = endpoint.get("Deployment", deployment)["Config"]["ProductionVariants"]
    config["ProductionVariants"] = keeping(config["ProductionVariants"], had, update.kept)
    return deployment


def keeping(variants: list[Record], had: list[Record], kept: frozenset[str]) -> list[Record]:
    """The variants, with the fields `kept` taken from the present variants of the same names."""
    before = {variant["VariantName"]: variant for variant in had}
    return [
        variant | {field: now[field] for field in kept if field in now}
        for variant in variants
        for now in [before.get(variant["VariantName"], {})]
    ]


def _found(cloud: Cloud, resource: Resource, name: str) -> Record:
    try:
        return resource.find(cloud, name)
    except ApiError as error:
        raise ClientError(error.message) from error


def pending(deployment: Deployment, stage: str = "Creating") -> dict[str, Any]:
    """PendingDeploymentSummary of DescribeEndpoint, its variants at this stage."""
    now = time.time()
    return {
        "EndpointConfigName": deployment["Config"]["EndpointConfigName"],
        "StartTime": now,
        "ProductionVariants": [
            {
                "VariantName": variant["VariantName"],
                "InstanceType": variant.get("InstanceType"),
                "DesiredWeight": variant.get("InitialVariantWeight", 1.0),
                "DesiredInstanceCount": variant.get("InitialInstanceCount", 1),
                "VariantStatus": [{"Status": stage, "StartTime": now}],
            }
            for variant in deployment["Config"]["ProductionVariants"]
        ],
    }


def reason_of(name: str, error: Exception) -> str:
    """The FailureReason of an endpoint. An error of labcloud itself is logged."""
    return endpoint_failure_reason(error, f"endpoint {name}")


def status_of(cloud: Cloud, name: str) -> str:
    status: str = cloud.records.get(ENDPOINT.kind, name)["EndpointStatus"]
    return status


async def record_in_service(
    cloud: Cloud, name: str, described: list[dict[str, Any]], **changes: Any
) -> None:
    """Records that an endpoint is in service as it is now."""
    status = EndpointStatus.IN_SERVICE
    changes = {"EndpointStatus": status, "ProductionVariants": described, **changes}
    await cloud.write_when_possible(lambda: change(cloud, name, **changes))


def change(cloud: Cloud, name: str, **changes: Any) -> None:
    """Changes the record of an endpoint, and says so in the log."""
    try:
        ENDPOINT.update(cloud, name, **changes)
        if status := changes.get("EndpointStatus"):
            cloud.log_status(ENDPOINT.kind, name, status, changes.get("FailureReason"))
    except Missing:
        logger.warning("endpoint %s went away while it changed", name)
