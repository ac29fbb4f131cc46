"""Endpoint configurations: which models an endpoint serves, and on what."""

from __future__ import annotations

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints.resource import ENDPOINT_CONFIG
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.locations import location
from labcloud.sagemaker.models.resource import MODEL
from labcloud.sagemaker.resource import Answer, Request


async def create_endpoint_config(cloud: Cloud, request: Request) -> Answer:
    _check(cloud, request)
    variants = [{"InitialVariantWeight": 1.0, **v} for v in request["ProductionVariants"]]
    isolated = request.get("EnableNetworkIsolation", False)
    record = ENDPOINT_CONFIG.new_record(cloud, request)
    record |= {"ProductionVariants": variants, "EnableNetworkIsolation": isolated}
    ENDPOINT_CONFIG.insert(cloud, record)
    return {"EndpointConfigArn": record["EndpointConfigArn"]}


def _check(cloud: Cloud, request: Request) -> None:
    names = [variant["VariantName"] for variant in request["ProductionVariants"]]
    if len(names) != len(set(names)):
        raise ValidationError("Variant names must be unique in ProductionVariants")
    if capture := request.get("DataCaptureConfig"):
        location(capture["DestinationS3Uri"])
    for variant in request["ProductionVariants"]:
        if "ModelName" not in variant:
            raise ValidationError(
                f"Variant {variant['VariantName']} must name a model: labcloud has no "
                "inference components"
            )
        MODEL.find(cloud, variant["ModelName"])
        if variant.get("ManagedInstanceScaling"):
            raise ValidationError(
                "ManagedInstanceScaling is only supported for inference component endpoints."
            )
        strategy = variant.get("RoutingConfig", {}).get("RoutingStrategy", "RANDOM")
        if strategy not in ("RANDOM", "LEAST_OUTSTANDING_REQUESTS"):
            raise ValidationError(f"labcloud does not implement the RoutingStrategy {strategy}")
        if "InstanceType" not in variant:
            raise ValidationError(f"Variant {variant['VariantName']} must name an InstanceType")


OPERATIONS = {
    "CreateEndpointConfig": create_endpoint_config,
    "DeleteEndpointConfig": ENDPOINT_CONFIG.delete,
    **ENDPOINT_CONFIG.operations(),
}
