"""Executions as a client sees them: described, listed, and refused."""

from __future__ import annotations

from typing import Any

from ..test_refusals import refusal
from .definitions import Pipelines, compared, condition, definition, get

NOBODY = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/nobody/execution/abcdefghijkl"


def test_how_an_execution_is_described(pipelines: Pipelines, sagemaker: Any, name: str) -> None:
    called = name.title()
    experiment = {
        "ExperimentName": get("Execution.PipelineName"),
        "TrialName": get("Execution.PipelineExecutionId"),
    }
    text = definition(
        condition("C", compared("Equals", get("Parameters.A"), 2)),
        parameters=[
            {"Name": "A", "Type": "Integer", "DefaultValue": 1},
            {"Name": "B", "Type": "Boolean", "DefaultValue": True},
        ],
        PipelineExperimentConfig=experiment,
    )
    pipeline = pipelines.create(called, text)
    arn = pipelines.start(called, {"A": "2"}, PipelineExecutionDescription="why")
    found = pipelines.ended(arn)
    identifier = arn.rpartition("/")[2]
    assert arn == f"{pipeline}/execution/{identifier}"
    assert len(identifier) == 12
    assert found["PipelineArn"] == pipeline
    assert found["PipelineExecutionDisplayName"].startswith("execution-")
    assert found["PipelineExecutionDescription"] == "why"
    # AWS has the name of the experiment in lower case.
    assert found["PipelineExperimentConfig"] == {
        "ExperimentName": called.lower(), "TrialName": identifier
    }  # fmt: skip
    given = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    assert given["PipelineParameters"] == [
        {"Name": "A", "Value": "2"}, {"Name": "B", "Value": "true"}
    ]  # fmt: skip
    told = sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)
    assert told["PipelineDefinition"] == text
    sagemaker.update_pipeline_execution(
        PipelineExecutionArn=arn, PipelineExecutionDisplayName="mine"
    )
    found = sagemaker.list_pipeline_executions(PipelineName=called)["PipelineExecutionSummaries"]
    assert [each["PipelineExecutionDisplayName"] for each in found] == ["mine"]
    assert found[0]["PipelineExecutionStatus"] == "Succeeded"


def test_pages(pipelines: Pipelines, sagemaker: Any, name: str) -> None:
    names = [f"C{number}" for number in range(5)]
    pipelines.create(name, definition(*(condition(each, DependsOn=names[:n])
                                        for n, each in enumerate(names))))  # fmt: skip
    arns = [pipelines.start(name) for _ in range(3)]
    for arn in arns:
        pipelines.ended(arn)
    paged = sagemaker.get_paginator("list_pipeline_executions").paginate(
        PipelineName=name, SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    found = [each["PipelineExecutionArn"] for page in paged
             for each in page["PipelineExecutionSummaries"]]  # fmt: skip
    assert found == arns
    paged = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arns[0], PaginationConfig={"PageSize": 2}
    )
    found = [each["StepName"] for page in paged for each in page["PipelineExecutionSteps"]]
    assert found == names[::-1]


def test_what_is_refused_of_executions(pipelines: Pipelines, sagemaker: Any, name: str) -> None:
    pipelines.create(name, definition(condition("C")))
    start = sagemaker.start_pipeline_execution
    assert refusal(start, PipelineName="nobody")[0] == "ResourceNotFound"
    assert refusal(start, PipelineName=name, PipelineVersionId=2)[0] == "ResourceNotFound"
    given = [{"Name": "A", "Value": "1"}]
    assert refusal(start, PipelineName=name, PipelineParameters=given) == (
        "ValidationException", "The pipeline has no parameter 'A'"
    )  # fmt: skip
    for operation in (
        "describe_pipeline_execution", "stop_pipeline_execution", "retry_pipeline_execution",
        "list_pipeline_execution_steps", "list_pipeline_parameters_for_execution",
        "update_pipeline_execution", "describe_pipeline_definition_for_execution",
    ):  # fmt: skip
        code, said = refusal(getattr(sagemaker, operation), PipelineExecutionArn=NOBODY)
        assert (code, said) == (
            "ResourceNotFound", f"Pipeline execution '{NOBODY}' does not exist."
        ), operation  # fmt: skip
    arn = pipelines.start(name)
    pipelines.ended(arn)
    assert refusal(sagemaker.retry_pipeline_execution, PipelineExecutionArn=arn) == (
        "ValidationException",
        f"Only a Failed or Stopped pipeline execution can be retried: '{arn}' is Succeeded",
    )
    assert refusal(sagemaker.stop_pipeline_execution, PipelineExecutionArn=arn) == (
        "ConflictException",
        f"Pipeline execution '{arn}' cannot be stopped: it is Succeeded.",
    )
