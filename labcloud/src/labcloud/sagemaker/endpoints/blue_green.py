"""An endpoint's fleets come and go: the first comes up, and others take over from it.

A new fleet is healthy before any request reaches it. The old one answers all that has been sent to
it before it stops. See "Blue/Green Deployments" in the SageMaker developer guide.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints import deployments
from labcloud.sagemaker.endpoints.deployments import Update, change, record_in_service
from labcloud.sagemaker.endpoints.fleet import Fleet
from labcloud.sagemaker.endpoints.resource import ENDPOINT
from labcloud.sagemaker.endpoints.traffic import Traffic
from labcloud.sagemaker.states import EndpointStatus


async def bring_up(cloud: Cloud, name: str) -> None:
    """The first fleet of this life: of what was deployed, or is to be."""
    fleet: Fleet | None = None
    try:
        record = cloud.records.get(ENDPOINT.kind, name)
        fleet = await Fleet.prepare(cloud, name, deployments.of_record(cloud, record))
        await fleet.start()
    except BaseException as error:
        if fleet:
            await fleet.stop()
        if not isinstance(error, Exception):
            raise
        if not _moves_on(cloud, name):
            await _failed(cloud, name, deployments.reason_of(name, error))
        return
    cloud.running[ENDPOINT.kind, name] = Traffic(fleet)
    # The endpoint may have been asked to change while it came up: then it stays Updating.
    moves_on = _moves_on(cloud, name)
    kept = {"EndpointStatus": EndpointStatus.UPDATING} if moves_on else _SETTLED
    await _deployed(cloud, name, fleet, **kept)


async def move(cloud: Cloud, name: str, update: Update) -> None:
    """A new fleet takes over, or else everything is as it was."""
    traffic = Traffic.of(cloud, name)
    fleet: Fleet | None = None
    try:
        record = cloud.records.get(ENDPOINT.kind, name)
        deployment = deployments.of_update(cloud, record, update)
        fleet = await Fleet.prepare(cloud, name, deployment)
        await fleet.start()
    except BaseException as error:
        if not isinstance(error, Exception):
            if fleet:
                await fleet.stop()
            raise
        await _roll_back(cloud, name, traffic, fleet, deployments.reason_of(name, error))
        return
    if traffic is None:
        # What was deployed did not come up again.
        cloud.running[ENDPOINT.kind, name] = traffic = Traffic(fleet)
    else:
        await _shift(cloud, name, traffic, fleet, update)
    await _deployed(cloud, name, fleet, **_SETTLED)
    traffic.drain_old()


# The fields of a record when its endpoint has finished changing.
_SETTLED: dict[str, Any] = {
    "EndpointStatus": EndpointStatus.IN_SERVICE,
    "PendingDeploymentSummary": None,
}


async def _shift(cloud: Cloud, name: str, traffic: Traffic, fleet: Fleet, update: Update) -> None:
    """Moves the traffic to a fleet, share by share. To stop the traffic is to stop the fleet."""
    routing = update.routing
    summary = deployments.pending(fleet.deployment, "Baking")
    for share in routing.shares:
        if share < 1:
            traffic.share(fleet, share)
        else:
            traffic.move(fleet)
        if routing.wait:
            baking = partial(change, cloud, name, PendingDeploymentSummary=summary)
            await cloud.write_when_possible(baking)
            await asyncio.sleep(routing.wait)
    await asyncio.sleep(routing.linger)


async def _roll_back(
    cloud: Cloud, name: str, traffic: Traffic | None, fleet: Fleet | None, reason: str
) -> None:
    """Goes back to the old fleet, which still serves; without one the endpoint is Failed."""
    if traffic:
        status = EndpointStatus.ROLLING_BACK
        await cloud.write_when_possible(lambda: change(cloud, name, EndpointStatus=status))
    if fleet:
        await fleet.stop()
    if traffic:
        described = traffic.fleet.described()
        settled = {**_SETTLED, "FailureReason": reason}
        await record_in_service(cloud, name, described, **settled)
    else:
        await _failed(cloud, name, reason)


async def _deployed(cloud: Cloud, name: str, fleet: Fleet, **changes: Any) -> None:
    deployment = fleet.deployment
    config = deployment["Config"]["EndpointConfigName"]
    changes |= {
        "EndpointConfigName": config,
        "Deployment": deployment,
        "DataCaptureConfig": fleet.captured(),
    }
    await record_in_service(cloud, name, fleet.described(), **changes)


async def _failed(cloud: Cloud, name: str, reason: str) -> None:
    changes = {**_SETTLED, "EndpointStatus": EndpointStatus.FAILED, "FailureReason": reason}
    await cloud.write_when_possible(lambda: change(cloud, name, **changes))


def _moves_on(cloud: Cloud, name: str) -> bool:
    """Whether an endpoint has been asked to change while it came up."""
    return deployments.status_of(cloud, name) == EndpointStatus.UPDATING
