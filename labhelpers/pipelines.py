"""SageMaker Pipelines and its model registry: what of them a lab has, and how a run is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from labhelpers.errors import JobFailed, LabError
from labhelpers.lab import Lab
from labhelpers.resources import PROCESSING_JOB, TRAINING_JOB, TRANSFORM_JOB
from labhelpers.running import Found, dollars_an_hour, may_list

_PAUSE = 5.0
_RUNNING = ("Executing", "Stopping")
_ENDED = ("Succeeded", "Failed", "Stopped")
# What a step says about the job that it has started.
_JOBS = {
    "TrainingJob": TRAINING_JOB,
    "ProcessingJob": PROCESSING_JOB,
    "TransformJob": TRANSFORM_JOB,
}


def execution_arn(what: Any) -> str | None:
    """The ARN of an execution, from itself or from the SDK's object for it. None: it is none."""
    arn = getattr(what, "arn", what)
    return arn if isinstance(arn, str) and ":pipeline/" in arn and "/execution/" in arn else None


def follow_execution(lab: Lab, arn: str) -> str:
    """Prints how each step of an execution ends, until it has ended itself. Returns its ARN.

    Raises JobFailed with AWS's reason, and LabError if there is no such execution.
    """
    print(f"Pipeline execution of {_pipeline_of(arn)}\nExecuting", flush=True)
    client, shown = lab.client("sagemaker"), 0
    while True:
        try:
            described = client.describe_pipeline_execution(PipelineExecutionArn=arn)
        except ClientError as error:
            said = error.response["Error"]["Message"]
            raise LabError(f"The execution {arn} cannot be watched: {said}") from error
        lab.pause(_PAUSE)
        ended = [step for step in _steps(lab, arn) if step["StepStatus"] in _ENDED]
        for step in ended[shown:]:
            print(f"    {step['StepName']}: {_outcome(step)}", flush=True)
        shown = len(ended)
        status = described["PipelineExecutionStatus"]
        if status not in _RUNNING:
            print(status, flush=True)
            break
    if status == "Failed":
        reason = described.get("FailureReason", "AWS gives no reason")
        raise JobFailed(f"The execution of {_pipeline_of(arn)} failed: {reason}")
    return arn


def latest_execution(lab: Lab) -> dict[str, Any] | None:
    """What ListPipelineExecutions says of the execution that this lab has started last."""
    found = [each for name in _pipelines(lab, lab.prefix) for each in _executions(lab, name)]
    return max(found, key=lambda each: each["StartTime"], default=None)


def executions_in_progress(lab: Lab, prefix: str, *, say: bool = True) -> Iterator[Found]:
    """The executions that run now, of pipelines whose names begin so. To end one stops its jobs."""
    for name in may_list("pipeline", partial(_pipelines, lab, prefix), say=say):
        for each in _executions(lab, name):
            if each["PipelineExecutionStatus"] in _RUNNING:
                arn = each["PipelineExecutionArn"]
                stop, wait = partial(_stop, lab, arn), partial(_wait, lab, arn)
                price = _dollars_an_hour(lab, arn)
                yield Found("pipeline execution", arn.split(":pipeline/")[1], price, stop, wait)


def pipelines_and_versions(
    lab: Lab, prefix: str, *, registry: bool = True, say: bool = True
) -> Iterator[Found]:
    """Pipelines, registered versions and their groups, in the order in which AWS deletes them."""
    client = lab.client("sagemaker")
    for name in may_list("pipeline", partial(_pipelines, lab, prefix), say=say):
        yield _free("pipeline", name, partial(client.delete_pipeline, PipelineName=name))
    groups = may_list("model package group", partial(_groups, lab, prefix), say=say)
    for group in groups if registry else []:
        pages = client.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
        for each in (found for page in pages for found in page["ModelPackageSummaryList"]):
            arn = each["ModelPackageArn"]
            delete = partial(client.delete_model_package, ModelPackageName=arn)
            yield _free("model package", arn.split(":model-package/")[1], delete)
        delete = partial(client.delete_model_package_group, ModelPackageGroupName=group)
        yield _free("model package group", group, delete)


def _free(kind: str, name: str, delete: Callable[[], Any]) -> Found:
    return Found(kind, name, 0.0, delete)


def _pipelines(lab: Lab, prefix: str) -> list[str]:
    paginator = lab.client("sagemaker").get_paginator("list_pipelines")
    # The beginning of a name is a name itself for AWS, and no name ends with a dash.
    pages = paginator.paginate(PipelineNamePrefix=prefix.rstrip("-"))
    names = [each["PipelineName"] for page in pages for each in page["PipelineSummaries"]]
    return [name for name in names if name.startswith(prefix)]


def _groups(lab: Lab, prefix: str) -> list[str]:
    paginator = lab.client("sagemaker").get_paginator("list_model_package_groups")
    # NameContains finds the prefix in the middle of a name too.
    pages = paginator.paginate(NameContains=prefix)
    names = [
        each["ModelPackageGroupName"]
        for page in pages
        for each in page["ModelPackageGroupSummaryList"]
    ]
    return [name for name in names if name.startswith(prefix)]


def _executions(lab: Lab, pipeline: str) -> Iterator[dict[str, Any]]:
    paginator = lab.client("sagemaker").get_paginator("list_pipeline_executions")
    for page in paginator.paginate(PipelineName=pipeline):
        yield from page["PipelineExecutionSummaries"]


def _steps(lab: Lab, arn: str) -> list[dict[str, Any]]:
    """The steps that have begun, in the order in which they have ended; those that run at last."""
    paginator = lab.client("sagemaker").get_paginator("list_pipeline_execution_steps")
    pages = paginator.paginate(PipelineExecutionArn=arn, SortOrder="Ascending")
    steps = [step for page in pages for step in page["PipelineExecutionSteps"]]
    # Sorted is stable: steps without an end stay behind, in the order of their start.
    return sorted(steps, key=lambda step: ("EndTime" not in step, step.get("EndTime") or 0))


def _outcome(step: dict[str, Any]) -> str:
    """How a step has ended, in AWS's words, and what it has found or taken."""
    status = str(step["StepStatus"])
    if outcome := step.get("Metadata", {}).get("Condition", {}).get("Outcome"):
        return f"{status}, and the condition is {outcome}"
    return f"{status}, the result of an earlier execution" if "CacheHitResult" in step else status


def _dollars_an_hour(lab: Lab, arn: str) -> float | None:
    """What the jobs cost that an execution runs at this moment."""
    total = 0.0
    for step in _steps(lab, arn):
        for kind, described in step.get("Metadata", {}).items():
            if kind in _JOBS and step["StepStatus"] not in _ENDED:
                price = dollars_an_hour(lab, _JOBS[kind], described["Arn"].rsplit("/", 1)[1])
                if price is None:
                    return None
                total += price
    return total


def _stop(lab: Lab, arn: str) -> None:
    lab.client("sagemaker").stop_pipeline_execution(PipelineExecutionArn=arn)


def _wait(lab: Lab, arn: str) -> None:
    client = lab.client("sagemaker")
    while (
        client.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
        in _RUNNING
    ):
        lab.pause()


def _pipeline_of(arn: str) -> str:
    return arn.split(":pipeline/")[1].split("/")[0]
