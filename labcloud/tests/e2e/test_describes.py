"""What clients read of jobs and endpoints, besides how they are."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator
from typing import Any

from labcloud.sagemaker.shown import single
from labcloud_support.resources import IMAGE, ROLE

from .test_refusals import ARN, refusal
from .wire import Wire


def times(answer: Any) -> Iterator[tuple[str, float]]:
    """The members of an answer that are times."""
    if isinstance(answer, dict):
        for member, value in answer.items():
            if member.endswith(("Time", "Timestamp")):
                yield member, value
            yield from times(value)
    elif isinstance(answer, list):
        for item in answer:
            yield from times(item)


def answered(wire: Wire, operation: str, **request: Any) -> dict[str, Any]:
    """What comes over the wire, in its order."""
    answer = wire.ask(
        "sagemaker", body=json.dumps(request).encode(), X_Amz_Target=f"SageMaker.{operation}"
    )
    found: dict[str, Any] = json.loads(answer.body)
    assert answer.status == 200, found
    return found


def test_what_sdks_read_of_a_job_is_there(
    sagemaker: Any, trained: dict[str, Any], transformed: str
) -> None:
    assert trained["OutputDataConfig"]["KmsKeyId"] == ""
    assert trained["EnableManagedSpotTraining"] is False
    names = [each["Name"] for each in trained["AlgorithmSpecification"]["MetricDefinitions"]]
    assert "validation:mlogloss" in names
    channel = trained["InputDataConfig"][0]
    assert (channel["CompressionType"], channel["RecordWrapperType"]) == ("None", "None")
    source = channel["DataSource"]["S3DataSource"]
    assert source["S3DataDistributionType"] == "FullyReplicated"
    job = sagemaker.describe_transform_job(TransformJobName=transformed)
    assert (job["TransformOutput"]["KmsKeyId"], job["Environment"]) == ("", {})


def test_maps_of_hyperparameters_are_in_the_order_of_their_names(
    wire: Wire, trained: dict[str, Any], tuned: str
) -> None:
    job = answered(wire, "DescribeTrainingJob", TrainingJobName=trained["TrainingJobName"])
    given = list(job["HyperParameters"])
    assert given == sorted(given)
    search = answered(
        wire, "DescribeHyperParameterTuningJob", HyperParameterTuningJobName=tuned
    )  # fmt: skip
    static = list(search["TrainingJobDefinition"]["StaticHyperParameters"])
    assert static == sorted(static)
    assert "_tuning_objective_metric" in static


def test_times_have_milliseconds_and_those_of_metrics_whole_seconds(
    wire: Wire, trained: dict[str, Any], tuned: str, endpoint: str
) -> None:
    asked = {
        "DescribeTrainingJob": {"TrainingJobName": trained["TrainingJobName"]},
        "DescribeHyperParameterTuningJob": {"HyperParameterTuningJobName": tuned},
        "DescribeEndpoint": {"EndpointName": endpoint},
        "ListModels": {},
    }
    for operation, request in asked.items():
        found = list(times(answered(wire, operation, **request)))
        assert found
        assert all(round(moment, 3) == moment for _, moment in found), operation
    job = answered(wire, "DescribeTrainingJob", **asked["DescribeTrainingJob"])
    whole = [moment for name, moment in times(job) if name == "Timestamp"]
    assert whole == [int(moment) for moment in whole]
    assert len(whole) == 2


def test_a_model_says_of_its_artifact_what_aws_does(sagemaker: Any, model: str) -> None:
    container = sagemaker.describe_model(ModelName=model)["PrimaryContainer"]
    source = container["ModelDataSource"]["S3DataSource"]
    assert source == {
        "S3Uri": container["ModelDataUrl"], "S3DataType": "S3Object", "CompressionType": "Gzip",
    }  # fmt: skip
    assert (container["Mode"], container["Environment"]) == ("SingleModel", {})


def test_a_model_without_an_artifact_has_no_more_than_was_given(sagemaker: Any, name: str) -> None:
    given = {"Image": IMAGE, "Environment": {"A": "b"}}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, Containers=[given])
    assert sagemaker.describe_model(ModelName=name)["Containers"] == [given]


def test_arns_have_names_as_they_were_given(sagemaker: Any, name: str, endpoint: str) -> None:
    """Those of tuning jobs are in lower case (tuning/test_tuning_jobs.py)."""
    called = f"Camel-{name}"
    made = sagemaker.create_model(
        ModelName=called, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}
    )["ModelArn"]
    assert made == f"{ARN}:model/{called}"
    assert sagemaker.describe_model(ModelName=called)["ModelArn"] == made
    code, said = refusal(sagemaker.describe_endpoint, EndpointName="Nobody")
    assert (code, said) == (
        "ValidationException", f'Could not find endpoint "{ARN}:endpoint/Nobody".'
    )  # fmt: skip


def test_an_endpoint_s_name_is_taken_in_any_case(
    sagemaker: Any, client: Callable[[str], Any], config: str, endpoint: str
) -> None:
    taken = f'Cannot create already existing endpoint "{ARN}:endpoint/{endpoint}".'
    for called in (endpoint, endpoint.upper(), endpoint.title()):
        assert refusal(
            sagemaker.create_endpoint, EndpointName=called, EndpointConfigName=config
        ) == ("ValidationException", taken)
    invoke = client("sagemaker-runtime").invoke_endpoint
    _, said = refusal(invoke, EndpointName=endpoint.upper(), Body=b"1,2,3,4")
    assert said.endswith("not found.")


def test_metrics_of_a_training_are_in_cloudwatch(
    client: Callable[[str], Any], trained: dict[str, Any]
) -> None:
    """Also where StartTime lies after them in their minute, which AWS rounds down."""
    started = trained["TrainingStartTime"]
    found = client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs", MetricName="validation:mlogloss",
        Dimensions=[{"Name": "TrainingJobName", "Value": trained["TrainingJobName"]}],
        StartTime=started.replace(second=59), EndTime=started + datetime.timedelta(minutes=3),
        Period=60, Statistics=["Minimum", "SampleCount"],
    )["Datapoints"]  # fmt: skip
    final = {each["MetricName"]: each["Value"] for each in trained["FinalMetricDataList"]}
    least = min(point["Minimum"] for point in found)
    # A description has it in 32 bits.
    assert single(least) <= final["validation:mlogloss"]
    assert sum(point["SampleCount"] for point in found) >= 2


def test_events_of_the_streams_with_a_prefix(
    client: Callable[[str], Any], trained: dict[str, Any]
) -> None:
    asked = {"logGroupName": "/aws/sagemaker/TrainingJobs"}
    logs = client("logs")
    prefix = f"{trained['TrainingJobName']}/"
    events = logs.filter_log_events(**asked, logStreamNamePrefix=prefix)["events"]
    assert events
    assert {event["logStreamName"].startswith(prefix) for event in events} == {True}
    assert logs.filter_log_events(**asked, logStreamNamePrefix="nobody")["events"] == []
    code, _ = refusal(
        logs.filter_log_events, **asked, logStreamNamePrefix=prefix, logStreamNames=["a"]
    )
    assert code == "InvalidParameterException"


def test_what_was_deployed_is_named_by_its_digest(sagemaker: Any, endpoint: str) -> None:
    (variant_,) = sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"]
    (image,) = variant_["DeployedImages"]
    assert image["SpecifiedImage"] == IMAGE
    repository, _, digest = image["ResolvedImage"].partition("@sha256:")
    assert repository == IMAGE.removesuffix(":3.0-5")
    assert len(digest) == 64
    assert isinstance(image["ResolutionTime"], datetime.datetime)
