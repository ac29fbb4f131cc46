"""Pipelines as a client sees them: made, changed, listed, and deleted."""

from __future__ import annotations

import uuid
from typing import Any

from labcloud_support.resources import ROLE

from ..test_refusals import refusal
from .definitions import Pipelines, definition, fail


def test_the_life_of_a_pipeline(
    pipelines: Pipelines, sagemaker: Any, client: Any, own_bucket: str, name: str
) -> None:
    first, second = definition(fail("F", "one")), definition(fail("F", "two"))
    arn = pipelines.create(
        name, first, PipelineDescription="d", Tags=[{"Key": "k", "Value": "v"}],
        ParallelismConfiguration={"MaxParallelExecutionSteps": 3},
    )  # fmt: skip
    assert arn == f"arn:aws:sagemaker:us-east-1:123456789012:pipeline/{name}"
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    assert refusal(
        sagemaker.create_pipeline, PipelineName=name, PipelineDefinition=second, RoleArn=ROLE
    ) == (
        "ValidationException",
        "Pipeline names must be unique within an AWS account and region. Pipeline with name "
        f"({name}) already exists.",
    )
    client("s3").put_object(Bucket=own_bucket, Key="d.json", Body=second.encode())
    place = {"Bucket": own_bucket, "ObjectKey": "d.json"}
    found = sagemaker.update_pipeline(PipelineName=name, PipelineDefinitionS3Location=place)
    assert found["PipelineVersionId"] == 2
    found = sagemaker.update_pipeline(PipelineName=name, PipelineDescription="e")
    assert found["PipelineVersionId"] == 2
    found = sagemaker.describe_pipeline(PipelineName=arn)
    assert found["PipelineDefinition"] == second
    assert (found["PipelineStatus"], found["PipelineDescription"]) == ("Active", "e")
    assert found["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 3}
    found = sagemaker.describe_pipeline(PipelineName=name, PipelineVersionId=1)
    assert found["PipelineDefinition"] == first
    sagemaker.update_pipeline_version(
        PipelineArn=arn, PipelineVersionId=1, PipelineVersionDisplayName="old"
    )
    versions = sagemaker.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"]
    assert [each["PipelineVersionId"] for each in versions] == [2, 1]
    assert versions[1]["PipelineVersionDisplayName"] == "old"
    _, steps = pipelines.run(name, PipelineVersionId=1)
    assert steps["F"]["FailureReason"] == "one"
    listed = sagemaker.list_pipelines(PipelineNamePrefix=name)["PipelineSummaries"]
    assert [each["PipelineName"] for each in listed] == [name]
    assert "LastExecutionTime" in listed[0]
    assert sagemaker.delete_pipeline(PipelineName=name)["PipelineArn"] == arn
    assert refusal(sagemaker.describe_pipeline, PipelineName=name) == (
        "ResourceNotFound", f"Pipeline '{arn}' does not exist."
    )  # fmt: skip
    pipelines.create(name, first)
    assert sagemaker.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"] == []
    versions = sagemaker.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"]
    assert [each["PipelineVersionId"] for each in versions] == [1]


def test_a_request_that_is_sent_twice_is_done_once(
    pipelines: Pipelines, sagemaker: Any, name: str
) -> None:
    token = uuid.uuid4().hex
    text = definition(fail("F"))
    made = {pipelines.create(name, text, ClientRequestToken=token) for _ in range(2)}
    assert len(made) == 1
    started = {pipelines.start(name, ClientRequestToken=token) for _ in range(2)}
    assert len(started) == 1
    (arn,) = started
    pipelines.ended(arn)
    for _ in range(2):
        sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=token)
        pipelines.ended(arn)
    found = sagemaker.list_pipeline_executions(PipelineName=name)["PipelineExecutionSummaries"]
    assert [each["PipelineExecutionArn"] for each in found] == [arn]


def test_definitions_that_are_refused_make_nothing(sagemaker: Any, name: str) -> None:
    request = {"PipelineName": name, "RoleArn": ROLE}
    assert refusal(sagemaker.create_pipeline, **request) == (
        "ValidationException",
        "Either Pipeline Definition or Pipeline Definition S3 location should be provided",
    )
    place = {"Bucket": "nobodys-bucket", "ObjectKey": "d.json"}
    code, said = refusal(sagemaker.create_pipeline, **request, PipelineDefinitionS3Location=place)
    assert (code, "cannot be read" in said) == ("ValidationException", True)
    assert refusal(sagemaker.create_pipeline, **request, PipelineDefinition="[]") == (
        "ValidationException",
        "Unable to parse pipeline definition. Expecting start of Json Object.",
    )
    assert refusal(sagemaker.describe_pipeline, PipelineName=name)[0] == "ResourceNotFound"
