"""Endpoints: Create, Describe, List, Update, Delete."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from labcloud.api.endpoint_configs import find_endpoint_config
from labcloud.api.errors import ValidationError
from labcloud.api.listing import listing
from labcloud.api.quotas import ENDPOINT, check_quota
from labcloud.api.tags import unique_tags
from labcloud.jobs import endpoints
from labcloud.jobs.states import BUSY, CHANGING, EndpointStatus
from labcloud.store.records import AlreadyExists, Missing, Record

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

KIND = endpoints.KIND
_SETTLED = (EndpointStatus.IN_SERVICE, EndpointStatus.FAILED)


async def create_endpoint(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["EndpointName"]
    arn = cloud.arns.sagemaker(KIND, name)
    _check_quota(cloud, find_endpoint_config(cloud, request["EndpointConfigName"]), name)
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


async def update_endpoint(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["EndpointName"]
    record = _find(cloud, name)
    if record["EndpointStatus"] in CHANGING:
        raise _in_progress(record)
    if record["EndpointStatus"] == EndpointStatus.FAILED:
        raise ValidationError(f'Cannot update failed endpoint "{record["EndpointArn"]}".')
    _check_quota(cloud, find_endpoint_config(cloud, request["EndpointConfigName"]), name)
    endpoints.update(cloud, name, request["EndpointConfigName"])
    return {"EndpointArn": record["EndpointArn"]}


async def delete_endpoint(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    record = _find(cloud, request["EndpointName"])
    if record["EndpointStatus"] in BUSY:
        raise _in_progress(record)
    if record["EndpointStatus"] != EndpointStatus.DELETING:
        endpoints.delete(cloud, request["EndpointName"])
    return {}


def _check_quota(cloud: Cloud, config: Record, name: str) -> None:
    """Whether the instances of a configuration may run beside those of all other endpoints."""
    used = Counter[str]()
    for record in cloud.records.all(KIND):
        if record["EndpointName"] != name and record["EndpointStatus"] != EndpointStatus.FAILED:
            with suppress(ValidationError):
                used += _instances(find_endpoint_config(cloud, record["EndpointConfigName"]))
    for instance_type, wanted in _instances(config).items():
        check_quota(instance_type, ENDPOINT, used[instance_type], wanted)


def _instances(config: Record) -> Counter[str]:
    """How many instances of which type a configuration asks for."""
    found = Counter[str]()
    for variant in config["ProductionVariants"]:
        found[variant.get("InstanceType", "serverless")] += variant.get("InitialInstanceCount", 1)
    return found


def _find(cloud: Cloud, name: str) -> Record:
    try:
        return cloud.records.get(KIND, name)
    except Missing as error:
        raise _not_found(cloud, name) from error


def _not_found(cloud: Cloud, name: str) -> ValidationError:
    return ValidationError(f'Could not find endpoint "{cloud.arns.sagemaker(KIND, name)}".')


def _in_progress(record: Record) -> ValidationError:
    return ValidationError(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')


OPERATIONS = {
    "CreateEndpoint": create_endpoint,
    "DescribeEndpoint": describe_endpoint,
    "ListEndpoints": list_endpoints,
    "UpdateEndpoint": update_endpoint,
    "DeleteEndpoint": delete_endpoint,
}
