"""Every refusal in AWS's words and codes, for whatever a user gets wrong."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any
from unittest import mock

import botocore.auth
import pytest
from botocore.exceptions import ClientError

from labcloud_support.resources import IMAGE, ROLE, files_below, variant

ARN = "arn:aws:sagemaker:us-east-1:123456789012"


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def refused_job(sagemaker: Any, request: dict[str, Any]) -> str:
    """The message of the ValidationException that a CreateTrainingJob request gets."""
    code, message = refusal(sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    return message


def test_what_does_not_exist_is_not_found(sagemaker: Any) -> None:
    not_found = ("ValidationException", "Requested resource not found.")
    for call in (
        sagemaker.describe_training_job,
        sagemaker.stop_training_job,
        sagemaker.delete_training_job,
    ):
        assert refusal(call, TrainingJobName="nobody") == not_found
    for call in (sagemaker.describe_processing_job, sagemaker.stop_processing_job):
        assert refusal(call, ProcessingJobName="nobody") == (
            "ValidationException",
            "Could not find requested job with name: nobody",
        )
    for call in (
        sagemaker.describe_hyper_parameter_tuning_job,
        sagemaker.stop_hyper_parameter_tuning_job,
    ):
        assert refusal(call, HyperParameterTuningJobName="nobody") == (
            "ResourceNotFound",
            "Amazon SageMaker can't find a tuning job called nobody. Type another name.",
        )
    assert refusal(
        sagemaker.list_training_jobs_for_hyper_parameter_tuning_job,
        HyperParameterTuningJobName="nobody",
    ) == (
        "ResourceNotFound",
        "Amazon SageMaker can't find a tuning job called nobody. Type another name.",
    )
    for call in (sagemaker.describe_model, sagemaker.delete_model):
        assert refusal(call, ModelName="Nobody") == (
            "ValidationException",
            f'Could not find model "{ARN}:model/Nobody".',
        )
    for call in (sagemaker.describe_endpoint_config, sagemaker.delete_endpoint_config):
        assert refusal(call, EndpointConfigName="nobody") == (
            "ValidationException",
            f'Could not find endpoint configuration "{ARN}:endpoint-config/nobody".',
        )
    for call in (sagemaker.describe_endpoint, sagemaker.delete_endpoint):
        assert refusal(call, EndpointName="nobody") == (
            "ValidationException",
            f'Could not find endpoint "{ARN}:endpoint/nobody".',
        )


def test_capacity_that_labcloud_does_not_have_is_refused_by_name(
    sagemaker: Any, model: str, name: str
) -> None:
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    variants = [{"VariantName": "A", "ModelName": model, "ServerlessConfig": serverless}]
    assert refusal(
        sagemaker.create_endpoint_config, EndpointConfigName=name, ProductionVariants=variants
    ) == (
        "ValidationException",
        "labcloud does not implement ProductionVariants.ServerlessConfig of CreateEndpointConfig: "
        "name an InstanceType and an InitialInstanceCount",
    )
    del variants[0]["ServerlessConfig"]
    assert refusal(
        sagemaker.create_endpoint_config, EndpointConfigName=name, ProductionVariants=variants
    ) == ("ValidationException", "Variant A must name an InstanceType")


def test_names_are_taken_once(
    sagemaker: Any, request_of: Any, golden: Any, trained: Any, model: str, config: str,
    endpoint: str,
) -> None:  # fmt: skip
    request = request_of("trained-for-all", golden["softprob"])
    assert refusal(sagemaker.create_training_job, **request) == (
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, and a training job "
        f"with this name already exists ({ARN}:training-job/trained-for-all)",
    )
    container = {"Image": IMAGE}
    again = {"ModelName": model, "ExecutionRoleArn": ROLE, "PrimaryContainer": container}
    assert refusal(sagemaker.create_model, **again) == (
        "ValidationException",
        f'Cannot create already existing model "{ARN}:model/model-for-all".',
    )
    assert refusal(
        sagemaker.create_endpoint_config,
        EndpointConfigName=config,
        ProductionVariants=[variant(model)],
    ) == (
        "ValidationException",
        "Cannot create already existing endpoint configuration "
        f'"{ARN}:endpoint-config/config-for-all".',
    )
    assert refusal(sagemaker.create_endpoint, EndpointName=endpoint, EndpointConfigName=config) == (
        "ValidationException",
        f'Cannot create already existing endpoint "{ARN}:endpoint/endpoint-for-all".',
    )


def test_data_that_is_not_there_is_refused_at_the_call(
    sagemaker: Any, request_of: Any, golden: Any, name: str
) -> None:
    request = request_of(name, golden["softprob"])
    source = request["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source["S3Uri"] = "s3://no-such-bucket/train"
    code, message = refusal(sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    assert message.startswith(
        'No S3 objects found under S3 URL "s3://no-such-bucket/train" given in input data source. '
        "Please ensure that the bucket exists in the selected region (us-east-1)"
    )
    assert f'the role "{ROLE}" has "s3:ListBucket" permissions' in message
    assert refusal(sagemaker.describe_training_job, TrainingJobName=name)[1] == (
        "Requested resource not found."
    )


def test_a_model_must_have_one_container_and_its_data(sagemaker: Any, name: str) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://no-such-bucket/model.tar.gz"}
    code, message = refusal(
        sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container
    )
    assert (code, message) == (
        "ValidationException",
        "Could not find model data at s3://no-such-bucket/model.tar.gz.",
    )
    code, _ = refusal(sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE)
    assert code == "ValidationException"
    assert refusal(sagemaker.create_model, ModelName=name, PrimaryContainer={}) == (
        "ValidationException",
        "The container definition must name an Image",
    )


def test_a_prefix_of_model_files_ends_with_a_slash(sagemaker: Any, bucket: str, name: str) -> None:
    container = {"Image": IMAGE, "ModelDataSource": files_below(f"s3://{bucket}/files")}
    with pytest.raises(ClientError, match=f"must end with a forward slash: s3://{bucket}/files/$"):
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)


def test_a_configuration_must_name_models_that_exist(sagemaker: Any, name: str) -> None:
    assert refusal(
        sagemaker.create_endpoint_config,
        EndpointConfigName=name,
        ProductionVariants=[variant("nobody")],
    ) == ("ValidationException", f'Could not find model "{ARN}:model/nobody".')


def test_an_endpoint_must_name_a_configuration_that_exists(sagemaker: Any, name: str) -> None:
    code, message = refusal(
        sagemaker.create_endpoint, EndpointName=name, EndpointConfigName="nobody"
    )
    assert (code, message) == (
        "ValidationException",
        f'Could not find endpoint configuration "{ARN}:endpoint-config/nobody".',
    )


def test_an_operation_that_is_not_there_is_refused_by_name(sagemaker: Any) -> None:
    code, message = refusal(sagemaker.list_domains)
    assert code == "UnknownOperationException"
    assert message.startswith("labcloud does not implement ListDomains of SageMaker.")


def test_an_endpoint_that_is_not_there_cannot_be_invoked(client: Callable[[str], Any]) -> None:
    invoke = client("sagemaker-runtime").invoke_endpoint
    assert refusal(invoke, EndpointName="nobody", Body=b"1") == (
        "ValidationError",
        "Endpoint nobody of account 123456789012 not found.",
    )


def test_another_way_to_invoke_is_refused_by_name(client: Callable[[str], Any]) -> None:
    runtime = client("sagemaker-runtime")
    code, message = refusal(
        runtime.invoke_endpoint_async, EndpointName="e", InputLocation="s3://b/k"
    )
    assert code == "UnknownOperationException"
    assert message.startswith(
        "labcloud does not implement InvokeEndpointAsync of SageMaker Runtime"
    )


def test_instances_that_nobody_has_are_over_the_quota(
    sagemaker: Any, request_of: Any, golden: Any, model: str, name: str
) -> None:
    request = request_of(name, golden["softprob"])
    request["ResourceConfig"]["InstanceType"] = "ml.p3.2xlarge"
    assert refusal(sagemaker.create_training_job, **request) == (
        "ResourceLimitExceeded",
        "The account-level service limit 'ml.p3.2xlarge for training job usage' is 0 Instances, "
        "with current utilization of 0 Instances and a request delta of 1 Instances. Please "
        "contact AWS support to request an increase for this limit.",
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            variant(model, "A", InstanceType="ml.m5.4xlarge", InitialInstanceCount=30),
            variant(model, "B", InstanceType="ml.m5.4xlarge", InitialInstanceCount=21),
        ],
    )
    code, message = refusal(sagemaker.create_endpoint, EndpointName=name, EndpointConfigName=name)
    assert code == "ResourceLimitExceeded"
    assert "'ml.m5.4xlarge for endpoint usage' is 50 Instances" in message
    assert "a request delta of 51 Instances" in message


@pytest.mark.parametrize(
    ("minutes", "said"), [(-16, "Signature expired: "), (16, "Signature not yet current: ")]
)
def test_a_clock_that_is_wrong(
    client: Callable[[str], Any], sagemaker: Any, minutes: int, said: str
) -> None:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)
    # The only thing that is set for the test is what time it is.
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda: moment):
        code, message = refusal(sagemaker.list_models)
        assert code == "InvalidSignatureException"
        assert message.startswith(said)
        assert refusal(client("s3").list_buckets)[0] == "RequestTimeTooSkewed"
