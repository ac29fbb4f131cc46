"""Requests for training jobs that AWS refuses, and one whose model it does not pack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labcloud_support.resources import IMAGE, ROLE, undeploy, variant

from .pushed import push
from .test_refusals import refused_job


@pytest.mark.parametrize(
    ("spot", "condition", "said"),
    [
        (False, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90}, "It is only supported wh"),
        (True, {"MaxRuntimeInSeconds": 60}, "It must be present and be greater than or equal to "),
        (True, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59}, "It must be present and "),
        (True, {"MaxWaitTimeInSeconds": 60}, "It must be present and be greater than or equal to "),
    ],
)
def test_spot_training_says_how_long_it_waits(
    sagemaker: Any, request_: dict[str, Any], spot: bool, condition: dict[str, int], said: str
) -> None:
    request_ |= {"EnableManagedSpotTraining": spot, "StoppingCondition": condition}
    assert refused_job(sagemaker, request_).startswith(f"Invalid MaxWaitTimeInSeconds. {said}")


def test_a_built_in_algorithm_has_metrics_of_its_own(
    sagemaker: Any, request_: dict[str, Any]
) -> None:
    request_["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "m", "Regex": "(.*)"}]
    assert refused_job(sagemaker, request_).startswith(
        "You can't override the metric definitions for "
    )


def test_a_metric_needs_a_regular_expression(
    sagemaker: Any, ecr: Any, repository: str, request_for: Any, name: str
) -> None:
    definitions = [{"Name": "m", "Regex": "("}]
    request = request_for(name, push(ecr, repository), MetricDefinitions=definitions)
    assert refused_job(sagemaker, request).startswith(
        "The Regex of the metric definition m is not a "
    )
    names = sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
    assert name not in [each["TrainingJobName"] for each in names]


def test_a_model_that_is_not_packed(
    sagemaker: Any, client: Callable[[str], Any], request_: dict[str, Any], finished: Any,
    own_bucket: str, name: str,
) -> None:  # fmt: skip
    output = {"S3OutputPath": f"s3://{own_bucket}/out", "CompressionType": "NONE"}
    sagemaker.create_training_job(**request_ | {"OutputDataConfig": output})
    uri = finished(name)["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == f"s3://{own_bucket}/out/{name}/output/model"
    keys = client("s3").list_objects_v2(Bucket=own_bucket)["Contents"]
    assert [key["Key"] for key in keys] == [f"out/{name}/output/model/xgboost-model"]
    source = {"S3Uri": f"{uri}/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    container = {"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    undeploy(sagemaker, name)
