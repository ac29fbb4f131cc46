"""What AWS documents as too much, as missing, or as not going together, refused at the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.resources import IMAGE, ROLE, undeploy, variant

from .test_refusals import refusal
from .transforms import Transforms

RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
SPOT = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
}
TRAINING: dict[str, tuple[dict[str, Any], str]] = {
    "28 days": (
        {"StoppingCondition": {"MaxRuntimeInSeconds": 28 * 86_400 + 1}},
        "MaxRuntimeInSeconds must not exceed 2419200, which is 28 days",
    ),
    "spot and a warm pool": (
        SPOT | {"ResourceConfig": RESOURCES | {"KeepAlivePeriodInSeconds": 60}},
        "KeepAlivePeriodInSeconds cannot be used with EnableManagedSpotTraining",
    ),
    "no disk": (
        {"ResourceConfig": RESOURCES | {"VolumeSizeInGB": 0}},
        "VolumeSizeInGB must be at least 1: ml.m5.large has no storage of its own",
    ),
    "a key of a local disk": (
        {
            "ResourceConfig": RESOURCES
            | {"InstanceType": "ml.r5d.large", "VolumeKmsKeyId": "alias/mine"}
        },
        "VolumeKmsKeyId cannot be used with ml.r5d.large, an instance type with local storage",
    ),
    "no instance": (
        {"ResourceConfig": {"VolumeSizeInGB": 1}},
        "ResourceConfig must have InstanceType and InstanceCount",
    ),
    "the suffix of China": (
        {
            "AlgorithmSpecification": {
                "TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/mine:1",
                "TrainingInputMode": "File",
            }
        },
        "Invalid DNS suffix 'amazonaws.com.cn' for region 'us-east-1' in training image. Please "
        "provide the valid <region>.<dns-suffix>: 'us-east-1.amazonaws.com'",
    ),
}


@pytest.mark.parametrize("what", TRAINING)
def test_of_a_training_job(sagemaker: Any, request_: dict[str, Any], what: str) -> None:
    changes, message = TRAINING[what]
    code, said = refusal(sagemaker.create_training_job, **request_ | changes)
    assert (code, said.startswith(message)) == ("ValidationException", True), said


def test_an_instance_with_a_disk_needs_no_other(
    sagemaker: Any, request_: dict[str, Any], finished: Any, name: str
) -> None:
    resources = {"InstanceType": "ml.r5d.large", "InstanceCount": 1}
    sagemaker.create_training_job(**request_ | {"ResourceConfig": resources})
    assert finished(name)["TrainingJobStatus"] == "Completed"


@pytest.fixture(scope="module")
def elsewhere(client: Callable[[str], Any]) -> str:
    """A bucket of another region, with rows in it."""
    s3, name = client("s3"), "bucket-elsewhere"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=name, Key="data/rows.csv", Body=b"1,2\n0,3\n")
    return name


def test_data_of_another_region(
    sagemaker: Any, client: Callable[[str], Any], bucket: str, model: str, elsewhere: str,
    request_: dict[str, Any], name: str,
) -> None:  # fmt: skip
    uri = f"s3://{elsewhere}/data/"
    said = f'No S3 objects found under S3 URL "{uri}" given in input data source.'
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    channel = request_["InputDataConfig"][0] | {"DataSource": {"S3DataSource": source}}
    code, message = refusal(
        sagemaker.create_training_job, **request_ | {"InputDataConfig": [channel]}
    )
    assert (code, message.startswith(said)) == ("ValidationException", True)
    transform = Transforms(client, bucket, model).request(
        name, {"DataSource": {"S3DataSource": source}}
    )
    code, message = refusal(sagemaker.create_transform_job, **transform)
    assert (code, message.startswith(said)) == ("ValidationException", True)


def test_an_artifact_of_another_region(sagemaker: Any, elsewhere: str, name: str) -> None:
    uri = f"s3://{elsewhere}/data/rows.csv"
    container = {"Image": IMAGE, "ModelDataUrl": uri}
    code, message = refusal(
        sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container
    )
    assert code == "ValidationException"
    assert message.startswith(
        f'Could not access model data at {uri}. Please ensure that the role "'
    )
    assert "that the object is located in us-east-1." in message


def test_an_output_in_another_region_fails_the_job(
    sagemaker: Any, request_: dict[str, Any], finished: Any, elsewhere: str, name: str
) -> None:
    output = {"S3OutputPath": f"s3://{elsewhere}/out"}
    sagemaker.create_training_job(**request_ | {"OutputDataConfig": output})
    assert finished(name)["FailureReason"] == (
        "ClientError: Artifact upload failed:Unable to upload file to "
        f"s3://{elsewhere}/out/{name}/output/model.tar.gz (BucketRegionError: bucket must be in "
        "the same region as the job)"
    )


def test_of_a_model(sagemaker: Any, name: str) -> None:
    def refused(**container: Any) -> str:
        code, message = refusal(
            sagemaker.create_model,
            ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE, **container},
        )  # fmt: skip
        assert code == "ValidationException"
        return message

    assert refused(Environment={f"V{n}": "x" * 1000 for n in range(33)}) == (
        "The keys and values of Environment must not exceed 32768 bytes together, and these have "
        "33089"
    )
    auth = {"RepositoryCredentialsProviderArn": "arn:aws:lambda:us-east-1:123456789012:function:f"}
    assert (
        refused(ImageConfig={"RepositoryAccessMode": "Platform", "RepositoryAuthConfig": auth})
        == "RepositoryAuthConfig is for the RepositoryAccessMode Vpc only"
    )
    assert refused(Image="123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/mine:1").startswith(
        'Region of "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/mine:1" does not match'
    )


def test_an_update_needs_the_configuration_that_is_in_use(
    sagemaker: Any, model: str, config: str, name: str
) -> None:
    own = f"{name}-config"
    sagemaker.create_endpoint_config(EndpointConfigName=own, ProductionVariants=[variant(model)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=own)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    sagemaker.delete_endpoint_config(EndpointConfigName=own)
    with pytest.raises(ClientError, match=f'Could not find endpoint configuration ".*/{own}"'):
        sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    undeploy(sagemaker, name)


def test_of_a_tuning_job(sagemaker: Any, request_: dict[str, Any], name: str) -> None:
    def refused(config: dict[str, Any] | None = None, **definition: Any) -> tuple[str, str]:
        given = {
            "StaticHyperParameters": {"objective": "reg:squarederror", "num_round": "2"},
            "AlgorithmSpecification": request_["AlgorithmSpecification"],
            "RoleArn": ROLE,
            "InputDataConfig": request_["InputDataConfig"],
            "OutputDataConfig": request_["OutputDataConfig"],
            "ResourceConfig": RESOURCES,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            **definition,
        }
        return refusal(
            sagemaker.create_hyper_parameter_tuning_job,
            HyperParameterTuningJobName=name,
            HyperParameterTuningJobConfig=CONFIG | (config or {}),
            TrainingJobDefinition={k: v for k, v in given.items() if v is not None},
        )

    many = {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 11}
    assert refused({"ResourceLimits": many})[0] == "ResourceLimitExceeded"
    flexible = {"InstanceConfigs": [RESOURCES], "InstanceType": "ml.m5.large"}
    assert refused(ResourceConfig=None, HyperParameterTuningResourceConfig=flexible) == (
        "ValidationException", "With InstanceConfigs, leave out InstanceType",
    )  # fmt: skip
    variables = {f"V{number}": "1" for number in range(49)}
    assert refused(Environment=variables)[0] == "ValidationException"
    metrics = [{"Name": f"m{number}", "Regex": "m=(.*)"} for number in range(21)]
    own = request_["AlgorithmSpecification"] | {"MetricDefinitions": metrics}
    assert refused(AlgorithmSpecification=own) == (
        "ValidationException", "A tuning job has at most 20 metrics, and MetricDefinitions has 21",
    )  # fmt: skip
    assert refused(ResourceConfig=None) == (
        "ValidationException", "ResourceConfig must have InstanceType and InstanceCount",
    )  # fmt: skip


CONFIG = {
    "Strategy": "Random",
    "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
    "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
    "ParameterRanges": {
        "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.9"}]
    },
}
