"""An endpoint's life: it is created, changes, and is deleted, one step after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints import blue_green, scaling
from labcloud.sagemaker.endpoints.deployments import Update, change
from labcloud.sagemaker.endpoints.resource import ENDPOINT
from labcloud.sagemaker.endpoints.traffic import Traffic
from labcloud.sagemaker.job import setting_aside
from labcloud.sagemaker.states import EndpointStatus
from labcloud.state.records import Record

INTERRUPTED = "InternalServerError: labcloud stopped while the endpoint was being updated"


def create(cloud: Cloud, name: str) -> None:
    """Begins to bring up an endpoint whose record has just been written."""
    _in_turn(cloud, name, blue_green.bring_up(cloud, name))


def update(cloud: Cloud, name: str, update: Update, **changes: Any) -> None:
    """Begins to move an endpoint to another configuration; the old one serves until then.

    `changes` are written to its record at once.
    """
    _updating(cloud, name, **changes)
    _in_turn(cloud, name, blue_green.move(cloud, name, update))


def scale(cloud: Cloud, name: str, wanted: scaling.Wanted, **changes: Any) -> None:
    """Begins to change weights and instance counts. `changes` are written at once."""
    _updating(cloud, name, **changes)
    _in_turn(cloud, name, scaling.scale(cloud, name, wanted))


def delete(cloud: Cloud, name: str) -> None:
    """Begins to stop an endpoint. Its record is deleted when its processes have ended."""
    change(cloud, name, EndpointStatus=EndpointStatus.DELETING)
    coming_up = cloud.tasks.get((ENDPOINT.kind, name))
    if coming_up:
        coming_up.cancel()
    _in_turn(cloud, name, _remove(cloud, name))


def recover(cloud: Cloud) -> None:
    """After a restart: endpoints come up again, on the configuration that they had."""
    for record in ENDPOINT.all(cloud):
        with setting_aside(cloud, ENDPOINT, record):
            _recover(cloud, record)


def _recover(cloud: Cloud, record: Record) -> None:
    name, status = record["EndpointName"], record["EndpointStatus"]
    if status == EndpointStatus.DELETING:
        cloud.records.delete(ENDPOINT.kind, name)
        return
    if status in (EndpointStatus.UPDATING, EndpointStatus.ROLLING_BACK):
        # What served until then serves again.
        in_service = EndpointStatus.IN_SERVICE
        change(cloud, name, EndpointStatus=in_service, FailureReason=INTERRUPTED,
               PendingDeploymentSummary=None)  # fmt: skip
    if status != EndpointStatus.FAILED:
        _in_turn(cloud, name, blue_green.bring_up(cloud, name))


async def shut_down(cloud: Cloud) -> None:
    """Stops all fleets and leaves the records: the endpoints come up again with the server."""
    serving = [each for each in cloud.running.values() if isinstance(each, Traffic)]
    await asyncio.gather(*[traffic.stop() for traffic in serving])


def _updating(cloud: Cloud, name: str, **changes: Any) -> None:
    status = EndpointStatus.UPDATING
    change(cloud, name, EndpointStatus=status, FailureReason=None, **changes)


def _in_turn(cloud: Cloud, name: str, work: Coroutine[Any, Any, None]) -> None:
    """One thing at a time: an endpoint that comes up again can be asked for more meanwhile."""
    before = cloud.tasks.get((ENDPOINT.kind, name))

    async def wait_and_work() -> None:
        if before:
            await asyncio.wait([before])
        await work

    cloud.run(ENDPOINT.kind, name, wait_and_work())


async def _remove(cloud: Cloud, name: str) -> None:
    traffic = Traffic.of(cloud, name)
    cloud.running.pop((ENDPOINT.kind, name), None)
    if traffic:
        await traffic.stop()
    await cloud.write_when_possible(lambda: cloud.records.delete(ENDPOINT.kind, name))
