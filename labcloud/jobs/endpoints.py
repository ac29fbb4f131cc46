"""An endpoint's life: its fleet is created, exchanged, and stopped."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Coroutine
from typing import Any

from labcloud.cloud import Cloud
from labcloud.containers.engine import ImageNotAvailable
from labcloud.jobs.data import ClientError
from labcloud.jobs.fleet import Deployment, Fleet
from labcloud.jobs.replica import ServerFailed
from labcloud.jobs.states import EndpointStatus
from labcloud.store.records import Missing, Record

KIND = "endpoint"
INTERRUPTED = "InternalServerError: labcloud stopped while the endpoint was being updated"

logger = logging.getLogger(__name__)


def create(cloud: Cloud, name: str) -> None:
    """Begins to bring up an endpoint whose record has just been written."""
    _begin(cloud, name, _exchange(cloud, name))


def update(cloud: Cloud, name: str, config: str) -> None:
    """Begins to move an endpoint to another configuration; the old one serves until then."""
    _set(cloud, name, EndpointStatus=EndpointStatus.UPDATING, FailureReason=None)
    _begin(cloud, name, _exchange(cloud, name, config))


def delete(cloud: Cloud, name: str) -> None:
    """Begins to stop an endpoint; its record goes when nothing of it is left."""
    _set(cloud, name, EndpointStatus=EndpointStatus.DELETING)
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
            _set(cloud, name, EndpointStatus=EndpointStatus.IN_SERVICE, FailureReason=INTERRUPTED)
        if record["EndpointStatus"] != EndpointStatus.FAILED:
            _begin(cloud, name, _exchange(cloud, name))


def _begin(cloud: Cloud, name: str, work: Coroutine[Any, Any, None]) -> None:
    """One thing at a time: an endpoint that comes up again can be asked for more meanwhile."""
    before = cloud.tasks.get((KIND, name))

    async def in_turn() -> None:
        if before:
            await asyncio.wait([before])
        await work

    cloud.start(KIND, name, in_turn())


async def shut_down(cloud: Cloud) -> None:
    """Stops all fleets and leaves the records: the endpoints come up again with the server."""
    fleets = [fleet for (kind, _), fleet in cloud.running.items() if kind == KIND]
    await asyncio.gather(*[fleet.stop() for fleet in fleets])


async def _exchange(cloud: Cloud, name: str, config: str | None = None) -> None:
    """A new fleet, healthy before any request reaches it; then the old one stops.

    Without `config` it is what the record says: what was deployed, or is to be.
    """
    old: Fleet | None = cloud.running.get((KIND, name))
    new: Fleet | None = None
    try:
        deployment = _deployment(cloud, cloud.records.get(KIND, name), config)
        new = await Fleet.prepare(cloud, name, deployment)
        await new.start()
    except asyncio.CancelledError:
        if new:
            await new.stop()
        raise
    except (ClientError, ServerFailed, ImageNotAvailable) as error:
        if config is not None or not _moves_on(cloud, name):
            await _give_up(cloud, name, old, new, str(error))
        elif new:
            await new.stop()
        return
    except Exception as error:
        logger.exception("endpoint %s", name)
        await _give_up(cloud, name, old, new, f"{type(error).__name__}: {error}")
        return
    cloud.running[KIND, name] = new
    changes = {
        "EndpointStatus": EndpointStatus.IN_SERVICE,
        "EndpointConfigName": deployment["Config"]["EndpointConfigName"],
        "ProductionVariants": new.described(),
        "Deployment": deployment,
    }
    if config is None and _moves_on(cloud, name):
        del changes["EndpointStatus"]
    await cloud.insist(lambda: _set(cloud, name, **changes))
    if old:
        await old.stop()


def _moves_on(cloud: Cloud, name: str) -> bool:
    """Whether an endpoint that was coming up has been asked to move meanwhile."""
    status: str = cloud.records.get(KIND, name)["EndpointStatus"]
    return status == EndpointStatus.UPDATING


def _deployment(cloud: Cloud, endpoint: Record, config: str | None) -> Deployment:
    """Raises ClientError where something of it is not there (any more)."""
    if config is None and "Deployment" in endpoint:
        deployed: Deployment = endpoint["Deployment"]
        return deployed
    found = _found(cloud, "endpoint-config", config or endpoint["EndpointConfigName"])
    names = [variant["ModelName"] for variant in found["ProductionVariants"]]
    return {"Config": found, "Models": {name: _found(cloud, "model", name) for name in names}}


def _found(cloud: Cloud, kind: str, name: str) -> Record:
    try:
        return cloud.records.get(kind, name)
    except Missing as error:
        called = {"endpoint-config": "endpoint configuration"}.get(kind, kind)
        arn = cloud.arns.sagemaker(kind, name)
        raise ClientError(f'Could not find {called} "{arn}".') from error


async def _give_up(
    cloud: Cloud, name: str, old: Fleet | None, new: Fleet | None, reason: str
) -> None:
    """Back to the old fleet where there is one, else Failed."""
    if old:
        await cloud.insist(lambda: _set(cloud, name, EndpointStatus=EndpointStatus.ROLLING_BACK))
    if new:
        await new.stop()
    status = EndpointStatus.IN_SERVICE if old else EndpointStatus.FAILED
    await cloud.insist(lambda: _set(cloud, name, EndpointStatus=status, FailureReason=reason))


async def _remove(cloud: Cloud, name: str) -> None:
    fleet: Fleet | None = cloud.running.pop((KIND, name), None)
    if fleet:
        await fleet.stop()
    await cloud.insist(lambda: cloud.records.delete(KIND, name))


def _set(cloud: Cloud, name: str, **changes: Any) -> None:
    try:
        cloud.records.update(KIND, name, LastModifiedTime=time.time(), **changes)
        if status := changes.get("EndpointStatus"):
            cloud.tell(KIND, name, status, changes.get("FailureReason"))
    except Missing:
        logger.warning("endpoint %s went away while it changed", name)
