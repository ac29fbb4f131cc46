"""The operations of executions."""

from __future__ import annotations

import asyncio
import datetime
import secrets
import string
import time

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import Conflict, ResourceNotFound, ValidationError
from labcloud.sagemaker.pipelines import records, selection
from labcloud.sagemaker.pipelines.checks import checked
from labcloud.sagemaker.pipelines.definition import Definition
from labcloud.sagemaker.pipelines.execution import (
    PipelineExecution,
    scope_of,
    text_of,
    variables,
)
from labcloud.sagemaker.pipelines.expressions import Scope, as_text, evaluate
from labcloud.sagemaker.pipelines.parameters import values_of
from labcloud.sagemaker.pipelines.resource import (
    EXECUTION,
    PIPELINE,
    ExecutionStatus,
    execution_name,
    pipeline_of,
)
from labcloud.sagemaker.pipelines.scope import iso
from labcloud.sagemaker.resource import Answer, Request
from labcloud.state.records import Missing

_LETTERS = string.ascii_lowercase + string.digits
_IDENTIFIER = 12
_KEPT = (
    "PipelineExecutionDescription", "ParallelismConfiguration", "SelectiveExecutionConfig",
    "RoleArn",
)  # fmt: skip


async def start(cloud: Cloud, request: Request) -> Answer:
    """Waits for nothing: of two requests with one token, the second finds what the first did."""
    pipeline = records.active(cloud, PIPELINE.name_of(cloud, request["PipelineName"]))
    name = pipeline[PIPELINE.name]
    token = f"{name}/start/{request['ClientRequestToken']}"
    if (former := _done(cloud, token)) is not None:
        return {"PipelineExecutionArn": former}
    number = int(request.get("PipelineVersionId") or pipeline["PipelineVersionId"])
    version = records.version(cloud, name, number)
    if version is None:
        raise ResourceNotFound(f"Pipeline '{pipeline[PIPELINE.arn]}' has no version {number}.")
    definition = checked(version["PipelineDefinition"])
    values = values_of(definition.parameters, request.get("PipelineParameters", []))
    selection.check(cloud, name, definition, request)
    now = time.time()
    execution = execution_name(name, "".join(secrets.choice(_LETTERS) for _ in range(_IDENTIFIER)))
    started = iso(datetime.datetime.fromtimestamp(now, datetime.UTC))
    record = {
        "ParallelismConfiguration": pipeline.get("ParallelismConfiguration"),
        "RoleArn": pipeline["RoleArn"],
        **{member: request[member] for member in _KEPT if member in request},
        "PipelineExecutionName": execution,
        "PipelineArn": pipeline[PIPELINE.arn],
        "PipelineExecutionDisplayName": request.get(
            "PipelineExecutionDisplayName", f"execution-{int(now * 1000)}"
        ),
        "PipelineVersionId": number,
        "Parameters": values,
        "Variables": variables(cloud, execution, started),
    }
    record["PipelineExperimentConfig"] = experiment_of(
        definition, scope_of(cloud, record, definition)
    )
    arn = EXECUTION.arn_of(cloud, execution)
    with cloud.records.together():
        PipelineExecution.write(cloud, {k: v for k, v in record.items() if v is not None})
        _remember(cloud, token, arn, now)
        PIPELINE.update(cloud, name, LastRunTime=now)
        cloud.records.update(
            records.VERSION,
            records.version_name(name, number),
            LastExecutionPipelineExecutionArn=arn,
        )
    PipelineExecution.start(cloud, execution)
    return {"PipelineExecutionArn": arn}


def _done(cloud: Cloud, token: str) -> str | None:
    """The ARN that a request with this token was answered with."""
    try:
        found = cloud.records.get(records.TOKEN, token)
    except Missing:
        return None
    arn: str = found["PipelineExecutionArn"]
    return arn


def _remember(cloud: Cloud, token: str, arn: str, now: float) -> None:
    known = {"PipelineExecutionArn": arn, "CreationTime": now}
    records.put(cloud, records.TOKEN, token, known)


def experiment_of(definition: Definition, scope: Scope) -> dict[str, str] | None:
    """The names of the experiment, as AWS shows them: that of the experiment in lower case."""
    if not definition.experiment:
        return None
    found = evaluate(definition.experiment, scope)
    names = {member: as_text(value) for member, value in found.items()}
    if "ExperimentName" in names:
        names["ExperimentName"] = names["ExperimentName"].lower()
    return names


def _named(cloud: Cloud, request: Request) -> str:
    return EXECUTION.name_of(cloud, request["PipelineExecutionArn"])


async def describe(cloud: Cloud, request: Request) -> Answer:
    return await EXECUTION.describe(cloud, {EXECUTION.name: _named(cloud, request)})


async def update(cloud: Cloud, request: Request) -> Answer:
    record = EXECUTION.find(cloud, _named(cloud, request))
    name = record[EXECUTION.name]
    changes = {k: v for k, v in request.items() if k != "PipelineExecutionArn"}
    EXECUTION.update(cloud, name, **changes)
    config = request.get("ParallelismConfiguration")
    if config and (job := PipelineExecution.running(cloud, name)):
        job.allow(config["MaxParallelExecutionSteps"])
    return {"PipelineExecutionArn": record[EXECUTION.arn]}


async def stop(cloud: Cloud, request: Request) -> Answer:
    record = EXECUTION.find(cloud, _named(cloud, request))
    status = record[EXECUTION.status]
    if status == ExecutionStatus.IN_PROGRESS:
        PipelineExecution.request_stop(cloud, record[EXECUTION.name])
    elif status != ExecutionStatus.STOPPING:
        raise Conflict(
            f"Pipeline execution '{record[EXECUTION.arn]}' cannot be stopped: it is {status}."
        )
    return {"PipelineExecutionArn": record[EXECUTION.arn]}


async def retry(cloud: Cloud, request: Request) -> Answer:
    name = _named(cloud, request)
    record = EXECUTION.find(cloud, name)
    task = cloud.tasks.get((EXECUTION.kind, name))
    if task and record[EXECUTION.status] in EXECUTION.final:
        # Its record says so already; the task itself is about to end.
        await asyncio.wait([task])
        record = EXECUTION.find(cloud, name)
    # Not before the wait: the same request may have come twice meanwhile.
    token = f"{name}/retry/{request['ClientRequestToken']}"
    if (former := _done(cloud, token)) is not None:
        return {"PipelineExecutionArn": former}
    records.active(cloud, pipeline_of(name))
    status = record[EXECUTION.status]
    if status not in (ExecutionStatus.FAILED, ExecutionStatus.STOPPED):
        raise ValidationError(
            f"Only a Failed or Stopped pipeline execution can be retried: "
            f"'{record[EXECUTION.arn]}' is {status}"
        )
    config = request.get("ParallelismConfiguration", record.get("ParallelismConfiguration"))
    arn = record[EXECUTION.arn]
    with cloud.records.together():
        EXECUTION.update(
            cloud, name, FailureReason=None, ParallelismConfiguration=config,
            **{EXECUTION.status: ExecutionStatus.IN_PROGRESS},
        )  # fmt: skip
        _remember(cloud, token, arn, time.time())
    PipelineExecution.start(cloud, name)
    return {"PipelineExecutionArn": arn}


async def list_all(cloud: Cloud, request: Request) -> Answer:
    pipeline = PIPELINE.find(cloud, PIPELINE.name_of(cloud, request["PipelineName"]))
    asked = dict(request)
    if asked.get("SortBy") == "PipelineExecutionArn":
        asked["SortBy"] = "Name"
    prefix = execution_name(pipeline[PIPELINE.name], "")
    found, token = records.page(cloud, EXECUTION.kind, prefix, asked, "Descending")
    shown = [
        {
            **record,
            "StartTime": record["CreationTime"],
            "PipelineExecutionFailureReason": record.get("FailureReason"),
        }
        for record in found
    ]
    return {EXECUTION.summaries: shown, **token}


async def list_steps(cloud: Cloud, request: Request) -> Answer:
    if "PipelineExecutionArn" not in request:
        raise ValidationError("PipelineExecutionArn must be given")
    name = EXECUTION.find(cloud, _named(cloud, request))[EXECUTION.name]
    found, token = records.page(cloud, records.STEP, f"{name}/", request, "Descending")
    return {"PipelineExecutionSteps": found, **token}


async def list_parameters(cloud: Cloud, request: Request) -> Answer:
    """All parameters, in the order of the definition, those with their defaults too."""
    record = EXECUTION.find(cloud, _named(cloud, request))
    found = [{"Name": n, "Value": as_text(v)} for n, v in record["Parameters"].items()]
    size = request.get("MaxResults", 100)
    first = _place(request.get("NextToken", "0"))
    rest = found[first + size :]
    token = {"NextToken": str(first + size)} if rest else {}
    return {"PipelineParameters": found[first : first + size], **token}


def _place(token: str) -> int:
    if not token.isascii() or not token.isdigit() or len(token) > 9:
        raise ValidationError("Invalid pagination token.")
    return int(token)


async def describe_definition(cloud: Cloud, request: Request) -> Answer:
    record = EXECUTION.find(cloud, _named(cloud, request))
    return {
        "PipelineDefinition": text_of(cloud, record),
        "CreationTime": record["CreationTime"],
    }
