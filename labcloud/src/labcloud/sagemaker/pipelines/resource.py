"""What a pipeline is, and what an execution of one is."""

from __future__ import annotations

from dataclasses import dataclass

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ResourceNotFound, ValidationError
from labcloud.sagemaker.resource import Resource, Words
from labcloud.sagemaker.states import JobStatus

_BETWEEN = "/execution/"


class ExecutionStatus(JobStatus):
    """PipelineExecutionStatus: other words for what a job is in."""

    IN_PROGRESS = "Executing"
    COMPLETED = "Succeeded"
    # Steps have failed, and others have run because of that.
    WITH_FAILURES = "CompletedWithFailures"


OVER = (
    ExecutionStatus.COMPLETED,
    ExecutionStatus.FAILED,
    ExecutionStatus.STOPPED,
    ExecutionStatus.WITH_FAILURES,
)


@dataclass(frozen=True)
class _Executions(Resource):
    """Their ARNs are below those of their pipelines."""

    def arn_of(self, cloud: Cloud, name: str) -> str:
        return cloud.arns.sagemaker(PIPELINE.kind, name)


PIPELINE = Resource(
    kind="pipeline",
    title="Pipeline",
    called="pipeline",
    summaries="PipelineSummaries",
    missing=Words(ResourceNotFound, "Pipeline '{arn}' does not exist."),
    taken=Words(
        ValidationError,
        "Pipeline names must be unique within an AWS account and region. Pipeline with name "
        "({name}) already exists.",
    ),
)

# Its records are named `<pipeline>/execution/<id>`, as its ARN ends.
EXECUTION = _Executions(
    kind="pipeline-execution",
    title="PipelineExecution",
    called="pipeline execution",
    summaries="PipelineExecutionSummaries",
    final=OVER,
    missing=Words(ResourceNotFound, "Pipeline execution '{arn}' does not exist."),
)


def execution_name(pipeline: str, identifier: str) -> str:
    """The name of an execution's record."""
    return f"{pipeline}{_BETWEEN}{identifier}"


def pipeline_of(execution: str) -> str:
    """The pipeline of an execution, by the name of the execution's record."""
    return execution.partition(_BETWEEN)[0]


def identifier_of(execution: str) -> str:
    """An execution's own twelve characters."""
    return execution.partition(_BETWEEN)[2]
