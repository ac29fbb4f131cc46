"""Endpoints that change: UpdateEndpoint and UpdateEndpointWeightsAndCapacities."""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints import lifecycle, scaling
from labcloud.sagemaker.endpoints.api import in_progress
from labcloud.sagemaker.endpoints.deployment_configs import routing_of
from labcloud.sagemaker.endpoints.deployments import Update, keeping, pending
from labcloud.sagemaker.endpoints.resource import ENDPOINT, ENDPOINT_CONFIG, instances_of
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.quotas import check_quota
from labcloud.sagemaker.resource import Answer, Request
from labcloud.sagemaker.states import CHANGING, EndpointStatus
from labcloud.state.records import Record

# The configuration's field behind each VariantPropertyType. DataCaptureConfig has none: AWS takes
# it from the new configuration, whatever the request says.
_PROPERTIES = {
    "DesiredInstanceCount": "InitialInstanceCount",
    "DesiredWeight": "InitialVariantWeight",
}


async def update_endpoint(cloud: Cloud, request: Request) -> Answer:
    name = request["EndpointName"]
    record = _changeable(cloud, name)
    # AWS needs the one that is in use, too.
    ENDPOINT_CONFIG.find(cloud, record["EndpointConfigName"])
    config = ENDPOINT_CONFIG.find(cloud, request["EndpointConfigName"])
    deployment_config = request.get("DeploymentConfig")
    if request.get("RetainDeploymentConfig") and not deployment_config:
        deployment_config = record.get("LastDeploymentConfig")
    had = record["Deployment"]["Config"]["ProductionVariants"]
    routing = routing_of(deployment_config or {}, config["ProductionVariants"], had)
    kept = _kept(request)
    variants = keeping(config["ProductionVariants"], had, kept)
    check_quota(cloud, ENDPOINT, instances_of(variants), beside=name)
    update = Update(config["EndpointConfigName"], kept, routing)
    lifecycle.update(
        cloud,
        name,
        update,
        LastDeploymentConfig=deployment_config,
        PendingDeploymentSummary=pending({"Config": config, "Models": {}}),
    )
    return {"EndpointArn": record["EndpointArn"]}


async def update_endpoint_weights_and_capacities(cloud: Cloud, request: Request) -> Answer:
    name = request["EndpointName"]
    record = _changeable(cloud, name)
    deployment = record["Deployment"]
    wanted = _wanted(deployment["Config"], request["DesiredWeightsAndCapacities"])
    then = scaling.changed(deployment, wanted)["Config"]["ProductionVariants"]
    check_quota(cloud, ENDPOINT, instances_of(then), beside=name)
    desired = {
        variant["VariantName"]: {
            "DesiredWeight": variant.get("InitialVariantWeight", 1.0),
            "DesiredInstanceCount": variant.get("InitialInstanceCount", 1),
        }
        for variant in then
    }
    described = [each | desired[each["VariantName"]] for each in record["ProductionVariants"]]
    lifecycle.scale(cloud, name, wanted, ProductionVariants=described)
    return {"EndpointArn": record["EndpointArn"]}


def _changeable(cloud: Cloud, name: str) -> Record:
    """The record of an endpoint in service. Raises ValidationError as AWS words it."""
    record = ENDPOINT.find(cloud, name)
    if record["EndpointStatus"] in CHANGING:
        raise in_progress(record)
    if record["EndpointStatus"] == EndpointStatus.FAILED:
        raise ValidationError(f'Cannot update failed endpoint "{record["EndpointArn"]}".')
    return record


def _kept(request: Request) -> frozenset[str]:
    """What of the variants' properties the request retains."""
    excluded = {
        each["VariantPropertyType"] for each in request.get("ExcludeRetainedVariantProperties", [])
    }
    if not request.get("RetainAllVariantProperties"):
        return frozenset()
    return frozenset(field for name, field in _PROPERTIES.items() if name not in excluded)


def _wanted(config: Record, asked: list[dict[str, Any]]) -> scaling.Wanted:
    """What is asked for each variant. Raises ValidationError."""
    names = {variant["VariantName"] for variant in config["ProductionVariants"]}
    wanted: scaling.Wanted = {}
    for each in asked:
        name = each["VariantName"]
        if name in wanted:
            raise ValidationError(f'The variant name "{name}" was non-unique within the request.')
        if name not in names:
            raise ValidationError(
                f'The variant name(s) "{name}" is/are not present within endpoint configuration '
                f'"{config["EndpointConfigName"]}".'
            )
        if "ServerlessUpdateConfig" in each:
            raise ValidationError("labcloud does not implement ServerlessUpdateConfig")
        if each.get("DesiredInstanceCount") == 0:
            raise ValidationError(
                f"DesiredInstanceCount of variant {name} must be at least 1: only endpoints of "
                "inference components scale to 0, and labcloud has none"
            )
        wanted[name] = each
    return wanted


OPERATIONS = {
    "UpdateEndpoint": update_endpoint,
    "UpdateEndpointWeightsAndCapacities": update_endpoint_weights_and_capacities,
}
