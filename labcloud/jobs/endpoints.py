"""An endpoint's life: its fleet is created, exchanged, and stopped."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from typing import Any

from labcloud.cloud import Cloud
from labcloud.containers.engine import ImageNotAvailable
from labcloud.jobs.data import ClientError
from labcloud.jobs.fleet import Fleet, PingFailed
from labcloud.jobs.states import EndpointStatus
from labcloud.store.records import Missing, Record

KIND = "endpoint"
INTERRUPTED = "InternalServerError: labcloud stopped while the endpoint was being updated"

logger = logging.getLogger(__name__)


def create(cloud: Cloud, name: str) -> None:
    """Begins to bring up an endpoint whose record has just been written."""
    config = cloud.records.get(KIND, name)["EndpointConfigName"]
    cloud.start(KIND, name, _exchange(cloud, name, config))


def update(cloud: Cloud, name: str, config: str) -> None:
    """Begins to move an endpoint to another configuration; the old one serves until then."""
    _set(cloud, name, EndpointStatus=EndpointStatus.UPDATING, FailureReason=None)
    cloud.start(KIND, name, _exchange(cloud, name, config))


def delete(cloud: Cloud, name: str) -> None:
    """Begins to stop an endpoint; its record goes when nothing of it is left."""
    _set(cloud, name, EndpointStatus=EndpointStatus.DELETING)
    cloud.start(KIND, name, _remove(cloud, name))


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
            cloud.start(KIND, name, _exchange(cloud, name, record["EndpointConfigName"]))


async def shut_down(cloud: Cloud) -> None:
    """Stops all fleets and leaves the records: the endpoints come up again with the server."""
    fleets = [fleet for (kind, _), fleet in cloud.running.items() if kind == KIND]
    await asyncio.gather(*[fleet.stop() for fleet in fleets])


async def _exchange(cloud: Cloud, name: str, config_name: str) -> None:
    """A new fleet, healthy before any request reaches it; then the old one stops."""
    old: Fleet | None = cloud.running.get((KIND, name))
    new: Fleet | None = None
    try:
        config = _configuration(cloud, config_name)
        new = await Fleet.prepare(cloud, name, config)
        await new.start()
    except (ClientError, PingFailed, ImageNotAvailable) as error:
        await _give_up(cloud, name, old, new, str(error))
        return
    except Exception as error:
        logger.exception("endpoint %s", name)
        await _give_up(cloud, name, old, new, f"{type(error).__name__}: {error}")
        return
    cloud.running[KIND, name] = new
    served = new.described()
    await cloud.insist(
        lambda: _set(
            cloud,
            name,
            EndpointStatus=EndpointStatus.IN_SERVICE,
            EndpointConfigName=config_name,
            ProductionVariants=served,
        )
    )
    if old:
        await old.stop()


def _configuration(cloud: Cloud, name: str) -> Record:
    try:
        return cloud.records.get("endpoint-config", name)
    except Missing as error:
        arn = cloud.arns.sagemaker("endpoint-config", name)
        raise ClientError(f'Could not find endpoint configuration "{arn}".') from error


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
    except Missing:
        logger.warning("endpoint %s went away while it changed", name)
