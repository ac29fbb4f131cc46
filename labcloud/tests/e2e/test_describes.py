"""What clients read of jobs and endpoints, besides how they are."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from labcloud_support.resources import IMAGE

from .test_refusals import refusal


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
    assert min(point["Minimum"] for point in found) <= final["validation:mlogloss"]
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
