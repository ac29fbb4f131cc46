"""An endpoint's life: it comes up, changes, and goes; one thing after the other."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints import blue_green as exchange
from labcloud.sagemaker.endpoints import scaling
from labcloud.sagemaker.endpoints.deployments import KIND, Update, change
from labcloud.sagemaker.endpoints.traffic import Traffic
from labcloud.sagemaker.states import EndpointStatus

INTERRUPTED = "InternalServerError: labcloud stopped while the endpoint was being updated"


def create(cloud: Cloud, name: str) -> None:
    """Begins to bring up an endpoint whose record has just been written."""
    _begin(cloud, name, exchange.bring_up(cloud, name))


def update(cloud: Cloud, name: str, update: Update, **changes: Any) -> None:
    """Begins to move an endpoint to another configuration; the old one serves until then.

    `changes` are written to its record at once.
    """
    _updating(cloud, name, **changes)
    _begin(cloud, name, exchange.move(cloud, name, update))


def scale(cloud: Cloud, name: str, wanted: scaling.Wanted, **changes: Any) -> None:
    """Begins to change weights and instance counts. `changes` are written at once."""
    _updating(cloud, name, **changes)
    _begin(cloud, name, scaling.scale(cloud, name, wanted))


def delete(cloud: Cloud, name: str) -> None:
    """Begins to stop an endpoint; its record goes when nothing of it is left."""
    change(cloud, name, EndpointStatus=EndpointStatus.DELETING)
    coming_up = cloud.tasks.get((KIND, name))
    if coming_up:
        coming_up.cancel()
    _begin(cloud, name, _remove(cloud, name))


def recover(cloud: Cloud) -> None:
    """After a restart: endpoints come up again, on the configuration that they had."""
    shutil.rmtree(cloud.jobs_folder / "endpoints", ignore_errors=True)
    for record in cloud.records.all(KIND):
        name = record["EndpointName"]
        if record["EndpointStatus"] == EndpointStatus.DELETING:
            cloud.records.delete(KIND, name)
            continue
        if record["EndpointStatus"] in (EndpointStatus.UPDATING, EndpointStatus.ROLLING_BACK):
            # What served until then serves again.
            status = EndpointStatus.IN_SERVICE
            change(cloud, name, EndpointStatus=status, FailureReason=INTERRUPTED,
                   PendingDeploymentSummary=None)  # fmt: skip
        if record["EndpointStatus"] != EndpointStatus.FAILED:
            _begin(cloud, name, exchange.bring_up(cloud, name))


async def shut_down(cloud: Cloud) -> None:
    """Stops all fleets and leaves the records: the endpoints come up again with the server."""
    serving: list[Traffic] = [each for (kind, _), each in cloud.running.items() if kind == KIND]
    await asyncio.gather(*[traffic.stop() for traffic in serving])


def _updating(cloud: Cloud, name: str, **changes: Any) -> None:
    status = EndpointStatus.UPDATING
    change(cloud, name, EndpointStatus=status, FailureReason=None, **changes)


def _begin(cloud: Cloud, name: str, work: Coroutine[Any, Any, None]) -> None:
    """One thing at a time: an endpoint that comes up again can be asked for more meanwhile."""
    before = cloud.tasks.get((KIND, name))

    async def in_turn() -> None:
        if before:
            await asyncio.wait([before])
        await work

    cloud.start(KIND, name, in_turn())


async def _remove(cloud: Cloud, name: str) -> None:
    traffic: Traffic | None = cloud.running.pop((KIND, name), None)
    if traffic:
        await traffic.stop()
    await cloud.insist(lambda: cloud.records.delete(KIND, name))
