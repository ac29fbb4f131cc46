"""Endpoint configurations: which models an endpoint serves. Create, Describe, List, Delete."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.locations import location
from labcloud.sagemaker.models.api import find_model
from labcloud.sagemaker.tags import unique_tags
from labcloud.state.records import AlreadyExists, Missing, Record

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

KIND = "endpoint-config"


async def create_endpoint_config(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    name = request["EndpointConfigName"]
    arn = cloud.arns.sagemaker(KIND, name)
    _check(cloud, request)
    variants = [{"InitialVariantWeight": 1.0, **v} for v in request["ProductionVariants"]]
    record = {
        **request,
        "ProductionVariants": variants,
        "EndpointConfigArn": arn,
        "CreationTime": time.time(),
        "EnableNetworkIsolation": request.get("EnableNetworkIsolation", False),
        "Tags": unique_tags(request.get("Tags", [])),
    }
    try:
        cloud.records.insert(KIND, name, record)
    except AlreadyExists as error:
        raise ValidationError(
            f'Cannot create already existing endpoint configuration "{arn}".'
        ) from error
    return {"EndpointConfigArn": arn}


async def describe_endpoint_config(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    return find_endpoint_config(cloud, request["EndpointConfigName"])


async def list_endpoint_configs(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    page, token = listing(cloud.records.all(KIND), request, name="EndpointConfigName")
    return {"EndpointConfigs": page, **token}


async def delete_endpoint_config(cloud: Cloud, request: dict[str, Any]) -> dict[str, Any]:
    find_endpoint_config(cloud, request["EndpointConfigName"])
    cloud.records.delete(KIND, request["EndpointConfigName"])
    return {}


def find_endpoint_config(cloud: Cloud, name: str) -> Record:
    """Raises ValidationError as AWS words it."""
    try:
        return cloud.records.get(KIND, name)
    except Missing as error:
        arn = cloud.arns.sagemaker(KIND, name)
        raise ValidationError(f'Could not find endpoint configuration "{arn}".') from error


def _check(cloud: Cloud, request: dict[str, Any]) -> None:
    names = [variant["VariantName"] for variant in request["ProductionVariants"]]
    if len(names) != len(set(names)):
        raise ValidationError("Variant names must be unique in ProductionVariants")
    for unsupported in ("AsyncInferenceConfig", "ShadowProductionVariants", "ExplainerConfig"):
        if request.get(unsupported):
            raise ValidationError(f"labcloud does not implement {unsupported}")
    if capture := request.get("DataCaptureConfig"):
        location(capture["DestinationS3Uri"])
    for variant in request["ProductionVariants"]:
        if "ModelName" not in variant:
            raise ValidationError(
                f"Variant {variant['VariantName']} must name a model: labcloud has no "
                "inference components"
            )
        find_model(cloud, variant["ModelName"])
        if variant.get("ManagedInstanceScaling"):
            raise ValidationError(
                "ManagedInstanceScaling is only supported for inference component endpoints."
            )
        strategy = variant.get("RoutingConfig", {}).get("RoutingStrategy", "RANDOM")
        if strategy not in ("RANDOM", "LEAST_OUTSTANDING_REQUESTS"):
            raise ValidationError(f"labcloud does not implement the RoutingStrategy {strategy}")
        if "ServerlessConfig" not in variant and "InstanceType" not in variant:
            raise ValidationError(
                f"Variant {variant['VariantName']} must name an InstanceType or a ServerlessConfig"
            )


OPERATIONS = {
    "CreateEndpointConfig": create_endpoint_config,
    "DescribeEndpointConfig": describe_endpoint_config,
    "ListEndpointConfigs": list_endpoint_configs,
    "DeleteEndpointConfig": delete_endpoint_config,
}
