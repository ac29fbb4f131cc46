"""List operations page, filter and sort; tags stay with what they were given to."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.resources import IMAGE, ROLE

from .test_refusals import ARN, refusal, refused_job


@pytest.fixture(scope="module")
def five(sagemaker: Any) -> list[str]:
    """Five models, in the order of their creation."""
    names = [f"listed-{letter}" for letter in "caebd"]
    for name in names:
        sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}
        )
    return names


def listed(sagemaker: Any, **arguments: Any) -> list[str]:
    found = sagemaker.list_models(NameContains="listed-", **arguments)
    return [model["ModelName"] for model in found["Models"]]


def test_the_newest_comes_first(sagemaker: Any, five: list[str]) -> None:
    assert listed(sagemaker) == five[::-1]
    assert listed(sagemaker, SortOrder="Ascending") == five
    assert listed(sagemaker, SortBy="Name", SortOrder="Ascending") == sorted(five)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_hold_everything_once(sagemaker: Any, five: list[str], size: int) -> None:
    pages = sagemaker.get_paginator("list_models").paginate(
        NameContains="listed-", PaginationConfig={"PageSize": size}
    )
    assert [model["ModelName"] for page in pages for model in page["Models"]] == five[::-1]


def test_a_page_goes_on_after_its_last_record_was_deleted(sagemaker: Any, five: list[str]) -> None:
    sagemaker.create_model(
        ModelName="listed-gone", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}
    )
    page = sagemaker.list_models(NameContains="listed-", MaxResults=1)
    assert page["Models"][0]["ModelName"] == "listed-gone"
    sagemaker.delete_model(ModelName="listed-gone")
    rest = sagemaker.list_models(NameContains="listed-", NextToken=page["NextToken"])
    assert [model["ModelName"] for model in rest["Models"]] == five[::-1]


def test_times_filter(sagemaker: Any, five: list[str]) -> None:
    # By the day: on the wire, botocore cuts a time to whole seconds.
    day = datetime.timedelta(days=1)
    created = sagemaker.describe_model(ModelName=five[2])["CreationTime"]
    assert listed(sagemaker, CreationTimeAfter=created - day) == five[::-1]
    assert listed(sagemaker, CreationTimeBefore=created + day) == five[::-1]
    assert listed(sagemaker, CreationTimeAfter=created + day) == []
    assert listed(sagemaker, CreationTimeBefore=created - day) == []


def test_a_token_that_is_not_ours_is_refused(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="Invalid pagination token"):
        sagemaker.list_models(NextToken="bm90IG91cnM=")


def test_jobs_filter_by_status(sagemaker: Any, trained: dict[str, Any]) -> None:
    done = sagemaker.list_training_jobs(StatusEquals="Completed", NameContains="trained-for-all")
    (job,) = done["TrainingJobSummaries"]
    assert job["TrainingJobArn"] == trained["TrainingJobArn"]
    assert not sagemaker.list_training_jobs(StatusEquals="Failed", NameContains="trained-for-all")[
        "TrainingJobSummaries"
    ]


def test_tags_are_added_replaced_and_removed(sagemaker: Any, name: str) -> None:
    arn = sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": IMAGE},
        Tags=[{"Key": "course", "Value": "labs"}],
    )["ModelArn"]
    sagemaker.add_tags(
        ResourceArn=arn, Tags=[{"Key": "course", "Value": "new"}, {"Key": "b", "Value": ""}]
    )
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "course", "Value": "new"},
        {"Key": "b", "Value": ""},
    ]
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["course", "never-there"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": ""}]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("model", "Requested resource {} not found."),
        ("no-such-kind", "Requested resource {} not found."),
        ("hyper-parameter-tuning-job", "Resource does not exist."),
    ],
)
def test_tags_of_nothing_are_refused(sagemaker: Any, kind: str, message: str) -> None:
    arn = f"{ARN}:{kind}/nobody"
    for call, more in (
        (sagemaker.list_tags, {}),
        (sagemaker.add_tags, {"Tags": []}),
        (sagemaker.delete_tags, {"TagKeys": ["a"]}),
    ):
        assert refusal(call, ResourceArn=arn, **more) == (
            "ValidationException", message.format(arn)
        )  # fmt: skip


def test_an_arn_is_known_in_lower_case_too_where_it_can_be_of_one_resource_only(
    sagemaker: Any, name: str
) -> None:
    def make(called: str) -> str:
        tags = [{"Key": "called", "Value": called}]
        arn: str = sagemaker.create_model(
            ModelName=called, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}, Tags=tags
        )["ModelArn"]
        return arn

    def called(arn: str) -> str:
        (tag,) = sagemaker.list_tags(ResourceArn=arn)["Tags"]
        found: str = tag["Value"]
        return found

    camel, small = f"Camel-{name}", f"camel-{name}"
    arn = make(camel)
    assert called(arn) == called(arn.replace(camel, small)) == camel
    shouted = arn.replace(camel, camel.upper())
    not_found = ("ValidationException", f"Requested resource {shouted} not found.")
    assert refusal(sagemaker.list_tags, ResourceArn=shouted) == not_found
    other = make(small)
    assert (called(arn), called(other)) == (camel, small)
    make(camel.upper())
    sagemaker.delete_model(ModelName=small)
    # It could be of two.
    assert refusal(sagemaker.list_tags, ResourceArn=other)[0] == "ValidationException"


def test_a_key_that_is_not_there_has_no_tags_to_delete(
    client: Callable[[str], Any], own_bucket: str
) -> None:
    s3 = client("s3")
    s3.put_bucket_versioning(Bucket=own_bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=own_bucket, Key="deleted")
    s3.delete_object(Bucket=own_bucket, Key="deleted")
    for key in ("missing", "deleted"):
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.delete_object_tagging(Bucket=own_bucket, Key=key)


def test_tags_of_aws_are_aws_s_own(sagemaker: Any, request_: dict[str, Any], model: str) -> None:
    tags = [{"Key": "AWS:cloudformation:stack-name", "Value": "x"}]
    said = f"System prefix 'aws:' reserved for AWS usage in tag key: {tags[0]['Key']}"
    assert refused_job(sagemaker, request_ | {"Tags": tags}) == said
    arn = sagemaker.describe_model(ModelName=model)["ModelArn"]
    taken = ("ValidationException", said)
    assert refusal(sagemaker.add_tags, ResourceArn=arn, Tags=tags) == taken
    assert refusal(sagemaker.delete_tags, ResourceArn=arn, TagKeys=[tags[0]["Key"]]) == taken
