"""What an endpoint deploys: a configuration with its models, taken from the records or kept.

Also what the records say of it while it changes.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from labcloud.cloud import Cloud
from labcloud.containers.engine import ImageNotAvailable
from labcloud.sagemaker.data import ClientError
from labcloud.sagemaker.endpoints.fleet import Deployment
from labcloud.sagemaker.models.replica import ServerFailed
from labcloud.sagemaker.states import EndpointStatus
from labcloud.state.records import Missing, Record

KIND = "endpoint"
# The longest FailureReason (characters).
_REASON = 1024

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
    """A change to another configuration; `kept` names what its variants keep of what they have.

    That is InitialInstanceCount, InitialVariantWeight, or both.
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
    """Raises ClientError where something of it is not there (any more)."""
    found = _found(cloud, "endpoint-config", config)
    names = [variant["ModelName"] for variant in found["ProductionVariants"]]
    return {"Config": found, "Models": {name: _found(cloud, "model", name) for name in names}}


def of_update(cloud: Cloud, endpoint: Record, update: Update) -> Deployment:
    """What an update deploys. Raises ClientError as `of_config` does."""
    deployment = of_config(cloud, update.config)
    config = deployment["Config"]
    had = endpoint.get("Deployment", deployment)["Config"]["ProductionVariants"]
    config["ProductionVariants"] = keeping(config["ProductionVariants"], had, update.kept)
    return deployment


def keeping(variants: list[Record], had: list[Record], kept: frozenset[str]) -> list[Record]:
    """Variants, with these fields of those of the same names that there are now."""
    before = {variant["VariantName"]: variant for variant in had}
    return [
        variant | {field: now[field] for field in kept if field in now}
        for variant in variants
        for now in [before.get(variant["VariantName"], {})]
    ]


def _found(cloud: Cloud, kind: str, name: str) -> Record:
    try:
        return cloud.records.get(kind, name)
    except Missing as error:
        called = {"endpoint-config": "endpoint configuration"}.get(kind, kind)
        arn = cloud.arns.sagemaker(kind, name)
        raise ClientError(f'Could not find {called} "{arn}".') from error


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
    """The FailureReason that an error makes; one that is nobody's but labcloud's is logged."""
    if isinstance(error, (ClientError, ServerFailed, ImageNotAvailable)):
        return str(error)[:_REASON]
    logger.error("endpoint %s", name, exc_info=error)
    return f"{type(error).__name__}: {error}"[:_REASON]


def status_of(cloud: Cloud, name: str) -> str:
    status: str = cloud.records.get(KIND, name)["EndpointStatus"]
    return status


async def serves(cloud: Cloud, name: str, described: list[dict[str, Any]], **changes: Any) -> None:
    """Records that an endpoint is in service as it is now."""
    changes = {"EndpointStatus": EndpointStatus.IN_SERVICE, **changes}
    await cloud.insist(lambda: change(cloud, name, ProductionVariants=described, **changes))


def change(cloud: Cloud, name: str, **changes: Any) -> None:
    """Changes the record of an endpoint, and says so in the log."""
    try:
        cloud.records.update(KIND, name, LastModifiedTime=time.time(), **changes)
        if status := changes.get("EndpointStatus"):
            cloud.tell(KIND, name, status, changes.get("FailureReason"))
    except Missing:
        logger.warning("endpoint %s went away while it changed", name)
