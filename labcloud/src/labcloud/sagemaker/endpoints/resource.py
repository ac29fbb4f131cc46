"""What an endpoint is, and what its configuration is."""

from __future__ import annotations

from collections import Counter

from labcloud.cloud import Cloud
from labcloud.sagemaker.resource import Quota, Resource
from labcloud.sagemaker.states import EndpointStatus
from labcloud.state.records import Missing, Record

ENDPOINT_CONFIG = Resource(
    kind="endpoint-config",
    title="EndpointConfig",
    called="endpoint configuration",
    summaries="EndpointConfigs",
)


def instances_of(variants: list[Record]) -> Counter[str]:
    """How many instances of which type production variants ask for."""
    found = Counter[str]()
    for variant in variants:
        found[variant.get("InstanceType", "")] += variant.get("InitialInstanceCount", 1)
    return found


def _instances(cloud: Cloud, record: Record) -> Counter[str]:
    """What an endpoint has deployed, or is to."""
    config = record.get("Deployment", {}).get("Config")
    try:
        name = record["EndpointConfigName"]
        config = config or cloud.records.get(ENDPOINT_CONFIG.kind, name)
    except Missing:
        return Counter()
    return instances_of(config["ProductionVariants"])


ENDPOINT = Resource(
    kind="endpoint",
    title="Endpoint",
    called="endpoint",
    summaries="Endpoints",
    any_case=True,
    final=(EndpointStatus.IN_SERVICE, EndpointStatus.FAILED),
    quota=Quota("endpoint usage", 50, _instances, free=(EndpointStatus.FAILED,)),
)
