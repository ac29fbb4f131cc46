"""Requests of transform jobs: listed, tagged, stopped, and refused in AWS's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.resources import IMAGE, ROLE, files_below

from .test_refusals import ARN, refusal
from .transforms import Transforms

SLOW: dict[str, Any] = {"BatchStrategy": "SingleRecord", "MaxConcurrentTransforms": 1}
ROW = b"5.9,3.0,5.1,1.8\n"


@pytest.fixture(scope="module")
def transforms(client: Callable[[str], Any], bucket: str, model: str) -> Transforms:
    return Transforms(client, bucket, model)


@pytest.fixture(scope="module")
def three(transforms: Transforms) -> list[str]:
    """Three jobs in the order of their creation; the second has failed."""
    names = [f"transform-listed-{letter}" for letter in "bca"]
    for name, row in zip(names, (ROW, b"x,y\n", ROW), strict=True):
        transforms.run(name, {"a": row})
    return names


@pytest.fixture
def running(transforms: Transforms, name: str) -> Iterator[str]:
    """A job that would take minutes."""
    transforms.put(name, {"a": ROW * 500_000})
    transforms.sagemaker.create_transform_job(**transforms.request(name, **SLOW))
    yield name
    if transforms.sagemaker.describe_transform_job(TransformJobName=name)[
        "TransformJobStatus"
    ] not in ("Stopped", "Stopping"):
        transforms.sagemaker.stop_transform_job(TransformJobName=name)
    transforms.ended(name)


def test_jobs_are_listed_sorted_filtered_and_paged(sagemaker: Any, three: list[str]) -> None:
    def listed(**arguments: Any) -> list[str]:
        pages = sagemaker.get_paginator("list_transform_jobs").paginate(
            NameContains="transform-listed-", PaginationConfig={"PageSize": 2}, **arguments
        )
        return [j["TransformJobName"] for page in pages for j in page["TransformJobSummaries"]]

    assert listed() == three[::-1]
    assert listed(SortOrder="Ascending") == three
    assert listed(SortBy="Name", SortOrder="Ascending") == sorted(three)
    assert listed(StatusEquals="Failed") == [three[1]]
    assert listed(StatusEquals="Completed", SortOrder="Ascending") == [three[0], three[2]]
    (summary,) = sagemaker.list_transform_jobs(NameContains=three[1])["TransformJobSummaries"]
    assert summary.keys() == {
        "TransformJobName", "TransformJobArn", "TransformJobStatus", "CreationTime",
        "TransformEndTime", "LastModifiedTime", "FailureReason",
    }  # fmt: skip
    assert summary["FailureReason"] == "ClientError: See job logs for more information"


def test_tags_stay_with_the_job(transforms: Transforms, sagemaker: Any, name: str) -> None:
    tags = [{"Key": "course", "Value": "labs"}]
    job = transforms.run(name, {"a": ROW}, Tags=tags)
    arn = job["TransformJobArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": ""}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["course"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": ""}]
    twice = transforms.request(f"{name}-twice", Tags=tags * 2)
    twice["TransformInput"] = transforms.request(name)["TransformInput"]
    assert refusal(sagemaker.create_transform_job, **twice)[0] == "ValidationException"


def test_a_stopped_job_has_no_output_and_cannot_be_stopped_again(
    transforms: Transforms, sagemaker: Any, running: str
) -> None:
    sagemaker.stop_transform_job(TransformJobName=running)
    job = transforms.ended(running)
    assert job["TransformJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    assert job["TransformEndTime"] >= job["CreationTime"]
    assert transforms.outputs(running) == {}
    assert refusal(sagemaker.stop_transform_job, TransformJobName=running) == (
        "ValidationException",
        "The request was rejected because the transform job is in status Stopped",
    )


def test_a_finished_job_cannot_be_stopped(sagemaker: Any, three: list[str]) -> None:
    for name, status in ((three[0], "Completed"), (three[1], "Failed")):
        assert refusal(sagemaker.stop_transform_job, TransformJobName=name) == (
            "ValidationException",
            f"The request was rejected because the transform job is in status {status}",
        )


def test_what_does_not_exist_is_not_found(
    transforms: Transforms, sagemaker: Any, bucket: str, name: str
) -> None:
    for call in (sagemaker.describe_transform_job, sagemaker.stop_transform_job):
        assert refusal(call, TransformJobName="nobody") == (
            "ValidationException",
            "Could not find requested job with name: nobody",
        )
    create = sagemaker.create_transform_job
    transforms.put(name, {"a": ROW})
    assert refusal(create, **transforms.request(name, ModelName="nobody")) == (
        "ValidationException",
        f'Could not find model "{ARN}:model/nobody".',
    )
    for place in (f"s3://{bucket}/transform/{name}/nothing", "s3://no-such-bucket/x/"):
        source = {"S3DataType": "S3Prefix", "S3Uri": place}
        request = transforms.request(name, source={"DataSource": {"S3DataSource": source}})
        assert refusal(create, **request) == (
            "ValidationException",
            f'No S3 objects found under S3 URL "{place}" given in input data source. Please '
            "ensure that the bucket exists in the selected region (us-east-1), that objects exist "
            f'under that S3 prefix, and that the role "{ROLE}" has "s3:ListBucket" permissions '
            f'on bucket "{place.split("/")[2]}".',
        )
    with pytest.raises(ClientError, match="Could not find requested job"):
        sagemaker.describe_transform_job(TransformJobName=name)


def test_a_name_is_taken_once(transforms: Transforms, sagemaker: Any, three: list[str]) -> None:
    assert refusal(sagemaker.create_transform_job, **transforms.request(three[0])) == (
        "ResourceInUse",
        "Job name must be unique within an AWS account and region, and a job with this name "
        f"already exists ({ARN}:transform-job/{three[0]})",
    )


CSV = {"ContentType": "text/csv", "SplitType": "Line"}
LINES = {"ContentType": "application/jsonlines", "SplitType": "Line"}
BY_LINE = {"Accept": "text/csv", "AssembleWith": "Line"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"source": LINES, "DataProcessing": {"OutputFilter": "$['account_id','Output']"}},
            "Invalid OutputFilter: \"$['account_id','Output']\". Unexpected \"_\" in JsonPath. "
            'Supported operators for "application/jsonlines" are '
            "['$', '[', ']', '*', '.', ' ', ',', ':', '-', ''']",
        ),
        (
            {"target": BY_LINE, "DataProcessing": {"InputFilter": "$.id"}},
            'Invalid InputFilter: "$.id". Unexpected "." in JsonPath. Supported operators for '
            "\"text/csv\" are ['$', '[', ']', '*', ' ', ',', ':', '-']",
        ),
        (
            {"target": BY_LINE, "DataProcessing": {"InputFilter": "[0]"}},
            'Invalid InputFilter: "[0]". A JsonPath begins with $',
        ),
        (
            {"source": {"ContentType": "text/libsvm"}, "DataProcessing": {"InputFilter": "$[0]"}},
            "DataProcessing needs the ContentType to be one of text/csv, application/json, "
            "application/jsonlines, not text/libsvm",
        ),
        (
            {"target": {"AssembleWith": "Line"}, "DataProcessing": {"JoinSource": "Input"}},
            "JoinSource Input needs Accept to be the ContentType, text/csv, but it is none",
        ),
        (
            {
                "target": {"Accept": "application/json", "AssembleWith": "Line"},
                "DataProcessing": {"JoinSource": "Input"},
            },
            "JoinSource Input needs Accept to be the ContentType, text/csv, but it is "
            "application/json",
        ),
        (
            {"target": {"Accept": "text/csv"}, "DataProcessing": {"JoinSource": "Input"}},
            "JoinSource Input needs AssembleWith to be the SplitType, but they are None and Line",
        ),
        (
            {
                "source": {"SplitType": "None"},
                "target": {"Accept": "text/csv"},
                "DataProcessing": {"JoinSource": "Input"},
            },
            "DataProcessing of text/csv needs SplitType and AssembleWith to be Line, but they are "
            "None and None",
        ),
        ({"MaxPayloadInMB": 101}, "MaxPayloadInMB must not exceed 100"),
        (
            {"MaxConcurrentTransforms": 17},
            "The product of MaxConcurrentTransforms and MaxPayloadInMB must not exceed 100, and "
            "it is 102",
        ),
        (
            {"MaxConcurrentTransforms": 3, "MaxPayloadInMB": 34},
            "The product of MaxConcurrentTransforms and MaxPayloadInMB must not exceed 100, and "
            "it is 102",
        ),
        (
            {"source": {"SplitType": "TFRecord"}},
            "labcloud splits by None and Line, not by TFRecord",
        ),
        (
            {"source": {"SplitType": "RecordIO"}},
            "labcloud splits by None and Line, not by RecordIO",
        ),
        (
            {
                "TransformInput": {
                    "DataSource": {
                        "S3DataSource": {
                            "S3DataType": "AugmentedManifestFile",
                            "S3Uri": "s3://b/k",
                        }
                    }
                }
            },
            "labcloud transforms S3Prefix and ManifestFile, not AugmentedManifestFile",
        ),
        (
            {"DataCaptureConfig": {"DestinationS3Uri": "s3://b/k"}},
            "labcloud does not implement DataCaptureConfig of CreateTransformJob",
        ),
    ],
)
def test_what_a_model_of_the_request_cannot_say_is_refused_at_the_call(
    transforms: Transforms, sagemaker: Any, name: str, changes: dict[str, Any], message: str
) -> None:
    request = transforms.request(name, **changes)
    transforms.put(name, {"a": ROW})
    assert refusal(sagemaker.create_transform_job, **request) == ("ValidationException", message)
    with pytest.raises(ClientError, match="Could not find requested job"):
        sagemaker.describe_transform_job(TransformJobName=name)


def test_a_model_of_unpacked_files_is_not_for_batch_transform(
    transforms: Transforms, sagemaker: Any, client: Callable[[str], Any], own_bucket: str, name: str
) -> None:
    client("s3").put_object(Bucket=own_bucket, Key="files/xgboost-model", Body=b"a model")
    source = files_below(f"s3://{own_bucket}/files/")
    container = {"Image": IMAGE, "ModelDataSource": source}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    transforms.put(name, {"a": ROW})
    with pytest.raises(ClientError) as caught:
        sagemaker.create_transform_job(**transforms.request(name, ModelName=name))
    assert caught.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "SageMaker Batch currently doesn't support Model entity with container "
        "definitions which use ModelDataSource attribute",
    }


def test_a_product_of_a_hundred_is_allowed(transforms: Transforms, name: str) -> None:
    job = transforms.run(name, {"a": ROW}, MaxConcurrentTransforms=20, MaxPayloadInMB=5)
    assert job["TransformJobStatus"] == "Completed"
    assert (job["MaxConcurrentTransforms"], job["MaxPayloadInMB"]) == (20, 5)


def test_the_constraints_of_the_service_model_hold(
    transforms: Transforms, sagemaker: Any, name: str
) -> None:
    request = transforms.request(name, BatchStrategy="Some")
    assert refusal(sagemaker.create_transform_job, **request) == (
        "ValidationException",
        "1 validation error detected: Value 'Some' at 'batchStrategy' failed to satisfy "
        "constraint: Member must satisfy enum value set: [MultiRecord, SingleRecord]",
    )
    request = transforms.request(name, DataProcessing={"InputFilter": "$" * 64})
    code, message = refusal(sagemaker.create_transform_job, **request)
    assert code == "ValidationException"
    assert "at 'dataProcessing.inputFilter' failed to satisfy constraint" in message


def test_instances_that_nobody_has_are_over_the_quota(
    transforms: Transforms, sagemaker: Any, running: str
) -> None:
    def refused(type_: str, count: int) -> tuple[str, str]:
        resources = {"InstanceType": type_, "InstanceCount": count}
        request = transforms.request(f"{running}-more", TransformResources=resources)
        return refusal(sagemaker.create_transform_job, **request)

    words = (
        "The account-level service limit '{} for transform job usage' is {} Instances, with "
        "current utilization of {} Instances and a request delta of {} Instances. Please contact "
        "AWS support to request an increase for this limit."
    )
    assert refused("ml.p3.2xlarge", 1) == (
        "ResourceLimitExceeded",
        words.format("ml.p3.2xlarge", 0, 0, 1),
    )
    # The job that runs has one of them.
    assert refused("ml.m5.large", 100) == (
        "ResourceLimitExceeded",
        words.format("ml.m5.large", 100, 1, 100),
    )
