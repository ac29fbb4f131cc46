"""Endpoints: Create, Describe, List, Delete. How they change is in endpoint_updates."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from labcloud.sagemaker.endpoints import lifecycle as endpoints
from labcloud.sagemaker.endpoints.configs import find_endpoint_config
from labcloud.sagemaker.endpoints.deployments import KIND
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.quotas import ENDPOINT, check_quota
from labcloud.sagemaker.states import BUSY, EndpointStatus
from labcloud.sagemaker.tags import unique_tags
from labcloud.state.records import AlreadyExists, Missing, Record

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

_SETTLED = (EndpointStatus.IN_SERVICE, EndpointStatus.FAILED)


async def create_endpoint(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["EndpointName"]
    arn = cloud.arns.sagemaker(KIND, name)
    config = find_endpoint_config(cloud, request["EndpointConfigName"])
    check_instances(cloud, name, config["ProductionVariants"])
    now = time.time()
    record = {
        **request,
        "EndpointArn": arn,
        "EndpointStatus": EndpointStatus.CREATING,
        "CreationTime": now,
        "LastModifiedTime": now,
        "Tags": unique_tags(request.get("Tags", [])),
    }
    try:
        cloud.records.insert(KIND, name, record)
    except AlreadyExists as error:
        raise ValidationError(f'Cannot create already existing endpoint "{arn}".') from error
    endpoints.create(cloud, name)
    return {"EndpointArn": arn}


async def describe_endpoint(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return await cloud.described(KIND, request["EndpointName"], "EndpointStatus", _SETTLED)
    except Missing as error:
        raise _not_found(cloud, request["EndpointName"]) from error


async def list_endpoints(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    page, token = listing(
        cloud.records.all(KIND), request, name="EndpointName", status="EndpointStatus"
    )
    return {"Endpoints": page, **token}


async def delete_endpoint(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    record = find_endpoint(cloud, request["EndpointName"])
    if record["EndpointStatus"] in BUSY:
        raise in_progress(record)
    if record["EndpointStatus"] != EndpointStatus.DELETING:
        endpoints.delete(cloud, request["EndpointName"])
    return {}


def check_instances(cloud: Cloud, name: str, variants: list[Record]) -> None:
    """Whether the instances of variants may run beside those of all other endpoints."""
    used = Counter[str]()
    for record in cloud.records.all(KIND):
        if record["EndpointName"] != name and record["EndpointStatus"] != EndpointStatus.FAILED:
            with suppress(ValidationError):
                used += _instances(_variants(cloud, record))
    for instance_type, wanted in _instances(variants).items():
        check_quota(instance_type, ENDPOINT, used[instance_type], wanted)


def _variants(cloud: Cloud, record: Record) -> list[Record]:
    """The variants that an endpoint has, or is to have."""
    deployed = record.get("Deployment", {}).get("Config")
    config = deployed or find_endpoint_config(cloud, record["EndpointConfigName"])
    variants: list[Record] = config["ProductionVariants"]
    return variants


def _instances(variants: list[Record]) -> Counter[str]:
    """How many instances of which type variants ask for."""
    found = Counter[str]()
    for variant in variants:
        found[variant.get("InstanceType", "serverless")] += variant.get("InitialInstanceCount", 1)
    return found


def find_endpoint(cloud: Cloud, name: str) -> Record:
    """Raises ValidationError as AWS words it."""
    try:
        return cloud.records.get(KIND, name)
    except Missing as error:
        raise _not_found(cloud, name) from error


def _not_found(cloud: Cloud, name: str) -> ValidationError:
    return ValidationError(f'Could not find endpoint "{cloud.arns.sagemaker(KIND, name)}".')


def in_progress(record: Record) -> ValidationError:
    """What is said of an endpoint that is changing already."""
    return ValidationError(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')


OPERATIONS = {
    "CreateEndpoint": create_endpoint,
    "DescribeEndpoint": describe_endpoint,
    "ListEndpoints": list_endpoints,
    "DeleteEndpoint": delete_endpoint,
}
