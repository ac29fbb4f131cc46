"""The weights and instance counts of an endpoint that serves, changed while it does."""

from __future__ import annotations

import copy
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints import deployments
from labcloud.sagemaker.endpoints.deployments import change, record_in_service
from labcloud.sagemaker.endpoints.fleet import Deployment, Fleet, retire
from labcloud.sagemaker.endpoints.traffic import Traffic
from labcloud.sagemaker.states import EndpointStatus

# Each DesiredWeightAndCapacity of a request, by the name of its variant.
Wanted = dict[str, dict[str, Any]]


async def scale(cloud: Cloud, name: str, wanted: Wanted) -> None:
    """Gives an endpoint the wanted weights and counts; after a failure, those that it had.

    New instances are healthy before any request reaches them. Instances that are removed first
    answer the requests that they have.
    """
    traffic = Traffic.of(cloud, name)
    if traffic is None:
        # What was deployed did not come up again; it has been given up.
        reason = "InternalServerError: the endpoint did not come up again"
        changes = {"EndpointStatus": EndpointStatus.FAILED, "FailureReason": reason}
        await cloud.write_when_possible(lambda: change(cloud, name, **changes))
        return
    fleet = traffic.fleet
    try:
        added = await fleet.add(_more(fleet, wanted))
    except Exception as error:
        reason = deployments.reason_of(name, error)
        status = EndpointStatus.ROLLING_BACK
        await cloud.write_when_possible(lambda: change(cloud, name, EndpointStatus=status))
        await record_in_service(cloud, name, fleet.described(), FailureReason=reason)
        return
    # All at once: no request sees some of the weights.
    for variant in fleet.variants:
        target = wanted.get(variant.name, {})
        count = target.get("DesiredInstanceCount", len(variant.replicas))
        everybody = variant.replicas + added[variant.name]
        variant.replicas, surplus = everybody[:count], everybody[count:]
        variant.weight = target.get("DesiredWeight", variant.weight)
        if surplus:
            traffic.end(retire(surplus), surplus)
    fleet.deployment = changed(fleet.deployment, wanted)
    await record_in_service(cloud, name, fleet.described(), Deployment=fleet.deployment)


def changed(deployment: Deployment, wanted: Wanted) -> Deployment:
    """A deployment with the weights and counts that are wanted."""
    changed = copy.deepcopy(deployment)
    for variant in changed["Config"]["ProductionVariants"]:
        target = wanted.get(variant["VariantName"], {})
        if "DesiredWeight" in target:
            variant["InitialVariantWeight"] = target["DesiredWeight"]
        if "DesiredInstanceCount" in target:
            variant["InitialInstanceCount"] = target["DesiredInstanceCount"]
    return changed


def _more(fleet: Fleet, wanted: Wanted) -> dict[str, int]:
    """How many instances each variant lacks."""
    return {
        variant.name: max(
            0,
            wanted.get(variant.name, {}).get("DesiredInstanceCount", 0) - len(variant.replicas),
        )
        for variant in fleet.variants
    }
