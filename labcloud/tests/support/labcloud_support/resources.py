"""Requests for small resources, by boto3: what most tests need before their own begins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = "arn:aws:iam::123456789012:role/service-role/AmazonSageMaker-ExecutionRole-labcloud"


def variant(model: str, name: str = "AllTraffic", **changes: Any) -> dict[str, Any]:
    """A production variant of one instance."""
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        **changes,
    }


def upload(s3: Any, bucket: str, golden: dict[str, Any], files: Iterable[str]) -> None:
    """Makes a bucket with recorded files, each at <file>/data."""
    s3.create_bucket(Bucket=bucket)
    for name in files:
        s3.put_object(Bucket=bucket, Key=f"{name}/data", Body=golden["files"][name].encode())


def deploy(sagemaker: Any, name: str, uri: str) -> None:
    """Makes a model of an archive, a configuration and an endpoint, all of the same name."""
    deploy_image(sagemaker, name, IMAGE, uri)


def deploy_image(sagemaker: Any, name: str, image: str, uri: str) -> None:
    """The same, with an image that is not the built-in one."""
    container = {"Image": image, "ModelDataUrl": uri}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def undeploy(sagemaker: Any, name: str) -> None:
    """Deletes an endpoint and waits until it is gone."""
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name)


def files_below(uri: str) -> dict[str, Any]:
    """The ModelDataSource of a model whose files are not packed."""
    kind = {"S3DataType": "S3Prefix", "CompressionType": "None"}
    return {"S3DataSource": {"S3Uri": uri, **kind}}
