"""Endpoints: Create and Delete. How they change is in updates.py."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints import lifecycle
from labcloud.sagemaker.endpoints.deployment_configs import routing_of
from labcloud.sagemaker.endpoints.resource import ENDPOINT, ENDPOINT_CONFIG, instances_of
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.quotas import check_quota
from labcloud.sagemaker.resource import Answer, Request
from labcloud.sagemaker.states import BUSY, EndpointStatus
from labcloud.state.records import Record


async def create_endpoint(cloud: Cloud, request: Request) -> Answer:
    name = request["EndpointName"]
    config = ENDPOINT_CONFIG.find(cloud, request["EndpointConfigName"])
    check_quota(cloud, ENDPOINT, instances_of(config["ProductionVariants"]), beside=name)
    deployment_config = request.get("DeploymentConfig")
    if deployment_config:
        # It is for updates that retain it.
        routing_of(deployment_config, config["ProductionVariants"], config["ProductionVariants"])
    record = ENDPOINT.new_record(cloud, request) | {
        "EndpointStatus": EndpointStatus.CREATING,
        "LastDeploymentConfig": deployment_config,
    }
    ENDPOINT.insert(cloud, record)
    lifecycle.create(cloud, name)
    return {"EndpointArn": record["EndpointArn"]}


async def delete_endpoint(cloud: Cloud, request: Request) -> Answer:
    record = ENDPOINT.find(cloud, request["EndpointName"])
    if record["EndpointStatus"] in BUSY:
        raise in_progress(record)
    if record["EndpointStatus"] != EndpointStatus.DELETING:
        lifecycle.delete(cloud, request["EndpointName"])
    return {}


def in_progress(record: Record) -> ValidationError:
    """The refusal of a change to an endpoint that is changing already."""
    return ValidationError(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')


OPERATIONS = {
    "CreateEndpoint": create_endpoint,
    "DeleteEndpoint": delete_endpoint,
    **ENDPOINT.operations(),
}
