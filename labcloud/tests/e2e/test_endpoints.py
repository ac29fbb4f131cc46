"""Models, endpoint configurations and endpoints through boto3."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.resources import IMAGE, ROLE, files_below, undeploy, variant

from .pushed import HELD, push

ROWS = "5.9,3.0,5.1,1.8\n5.4,3.0,4.5,1.5"


@pytest.fixture
def invoke(client: Callable[[str], Any], endpoint: str) -> Callable[..., Any]:
    runtime = client("sagemaker-runtime")

    def call(body: str = ROWS, **arguments: Any) -> Any:
        given = {"ContentType": "text/csv", "EndpointName": endpoint} | arguments
        return runtime.invoke_endpoint(Body=body, **given)

    return call


def test_an_endpoint_answers_as_the_recorded_container(
    invoke: Callable[..., Any], golden: dict[str, Any]
) -> None:
    response = invoke()
    rows = [
        [float(value) for value in line.split(",")]
        for line in response["Body"].read().decode().splitlines()
    ]
    expected = golden["softprob"]["expected"]["probe_predictions"][:2]
    assert [pytest.approx(row, rel=1e-4) for row in expected] == rows
    assert response["ContentType"] == "text/csv; charset=utf-8"
    assert response["InvokedProductionVariant"] == "AllTraffic"


def test_what_the_container_refuses_is_a_model_error(invoke: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as refused:
        invoke('{"a": 1}', ContentType="application/json")
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert answer["Error"]["Code"] == "ModelError"
    assert answer["OriginalStatusCode"] == 415
    assert answer["OriginalMessage"].startswith("application/json is not an accepted ContentType")
    assert answer["LogStreamArn"].startswith(
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/endpoint-for-all:"
        "log-stream:AllTraffic/i-"
    )
    assert answer["Error"]["Message"] == (
        f'Received client error (415) from primary with message "{answer["OriginalMessage"]}". See '
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEventViewer:"
        "group=/aws/sagemaker/Endpoints/endpoint-for-all in account 123456789012 for more "
        "information."
    )


def test_a_body_over_the_limit_is_refused(invoke: Callable[..., Any]) -> None:
    with pytest.raises(ClientError, match="less than or equal to 26214400") as refused:
        invoke("1" * 26_214_401)
    assert refused.value.response["Error"]["Code"] == "ValidationError"


def test_a_body_over_the_container_s_own_limit_is_the_container_s_to_refuse(
    invoke: Callable[..., Any],
) -> None:
    with pytest.raises(ClientError, match="The body has more than 6291456 bytes") as refused:
        invoke("1" * 6_291_457)
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["OriginalStatusCode"]) == ("ModelError", 413)


def test_a_target_model_is_for_multi_model_endpoints(
    invoke: Callable[..., Any], endpoint: str
) -> None:
    with pytest.raises(ClientError) as refused:
        invoke(TargetModel="a.tar.gz")
    assert refused.value.response["Error"] == {
        "Code": "ValidationError",
        "Message": f"Endpoint {endpoint} is not a multi-model endpoint and does not support target "
        "model header.",
    }


def test_a_variant_can_be_named(invoke: Callable[..., Any]) -> None:
    assert invoke(TargetVariant="AllTraffic")["InvokedProductionVariant"] == "AllTraffic"
    with pytest.raises(ClientError, match="Variant Nobody not found"):
        invoke(TargetVariant="Nobody")


def test_an_endpoint_is_described_as_on_aws(sagemaker: Any, endpoint: str, config: str) -> None:
    found = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == config
    (served,) = found["ProductionVariants"]
    assert served["VariantName"] == "AllTraffic"
    assert served["CurrentInstanceCount"] == served["DesiredInstanceCount"] == 1
    assert served["CurrentWeight"] == 1.0
    assert served["DeployedImages"][0]["SpecifiedImage"] == IMAGE


def test_the_model_server_s_words_are_in_the_endpoint_s_log(
    client: Callable[[str], Any], endpoint: str
) -> None:
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    (stream,) = client("logs").describe_log_streams(logGroupName=group)["logStreams"]
    assert stream["logStreamName"].startswith("AllTraffic/i-")


def test_a_container_that_cannot_serve_fails_the_endpoint(
    sagemaker: Any, client: Callable[[str], Any], bucket: str, name: str
) -> None:
    client("s3").put_object(Bucket=bucket, Key="broken/xgboost-model", Body=b"no model")
    container = {"Image": IMAGE, "ModelDataSource": files_below(f"s3://{bucket}/broken/")}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    assert sagemaker.describe_endpoint(EndpointName=name)["FailureReason"] == (
        "The primary container for production variant AllTraffic did not pass the ping health "
        "check. Please check CloudWatch logs for this endpoint."
    )
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name)


@pytest.mark.parametrize("key", ["files/", "..", "a" * 256])
def test_a_file_that_cannot_have_its_name_fails_the_endpoint(
    sagemaker: Any, client: Callable[[str], Any], own_bucket: str, name: str, key: str
) -> None:
    client("s3").put_object(Bucket=own_bucket, Key=f"model/{key}", Body=b"a model")
    source = {"S3Uri": f"s3://{own_bucket}/model/{key}", "S3DataType": "S3Object"}
    container = {
        "Image": IMAGE, "ModelDataSource": {"S3DataSource": source | {"CompressionType": "None"}}
    }  # fmt: skip
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant(name)])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    reason = sagemaker.describe_endpoint(EndpointName=name)["FailureReason"]
    assert reason.startswith("Failed to download model data for container")
    assert "(labcloud: Data download failed: the key " in reason
    undeploy(sagemaker, name)


def test_an_endpoint_moves_to_another_configuration(
    sagemaker: Any, client: Callable[[str], Any], ecr: Any, repository: str, config: str,
    model: str, name: str, tmp_path: Path,
) -> None:  # fmt: skip
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    go = tmp_path / "go"
    container = {"Image": push(ecr, repository, HELD), "Environment": {"GO": str(go)}}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    # The second is asked nothing: it lets the test say when the update comes to its end.
    variants = [variant(model, "Blue"), variant(name, "Held", InitialVariantWeight=0)]
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=name)
    try:
        with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
            sagemaker.delete_endpoint(EndpointName=name)
    finally:
        go.touch()
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    assert sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"] == name
    answer = client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=ROWS, ContentType="text/csv"
    )
    assert answer["InvokedProductionVariant"] == "Blue"
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name)


def test_a_deleted_endpoint_leaves_its_model_and_configuration(
    sagemaker: Any, config: str, model: str, name: str
) -> None:
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name)
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name)
    assert sagemaker.describe_model(ModelName=model)["ModelName"] == model
    assert sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
