"""Pipelines: their table, a pipeline, its executions, and their steps."""

from __future__ import annotations

import time
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labcloud.cloud import Cloud
from labcloud.console.desk import Desk, NotThere, desk
from labcloud.console.graphs import graph
from labcloud.console.jobs import ROWS
from labcloud.console.links import led_to
from labcloud.console.pages import live, page, see_other
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.pipelines import records
from labcloud.sagemaker.pipelines.definition import Definition, Step, parse
from labcloud.sagemaker.pipelines.execution import text_of
from labcloud.sagemaker.pipelines.expressions import as_text
from labcloud.sagemaker.pipelines.resource import (
    EXECUTION,
    PIPELINE,
    ExecutionStatus,
    execution_name,
    identifier_of,
)
from labcloud.sagemaker.pipelines.steps.kind import outputs_of
from labcloud.state.records import Record

_CALLBACK = "Callback"
_AGAIN = (ExecutionStatus.FAILED, ExecutionStatus.STOPPED)


async def table(request: Request) -> Response:
    cloud = desk(request).cloud
    search = request.query_params.get("search", "").strip()
    after = request.query_params.get("after")
    asked = {"MaxResults": ROWS, "NameContains": search} | ({"NextToken": after} if after else {})
    names, token = listing(cloud.records.places, PIPELINE.kind, asked, has_status=False)
    found = [(cloud.records.get(PIPELINE.kind, name), _executions(cloud, name, 1)[0])
             for name in names]  # fmt: skip
    return live(
        request, "pipelines.html", "pipelines_table.html",
        pipelines=[(each, next(iter(newest), None)) for each, newest in found],
        next=token.get("NextToken"), after=after, search=search,
        total=sum(cloud.records.places.statuses(PIPELINE.kind).values()),
    )  # fmt: skip


def _executions(
    cloud: Cloud, pipeline: str, most: int, after: str | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """The newest executions of a pipeline, and the token of the next page."""
    asked = {"MaxResults": most} | ({"NextToken": after} if after else {})
    prefix = execution_name(pipeline, "")
    found, token = records.page(cloud, EXECUTION.kind, prefix, asked, "Descending")
    return [_of_execution(each) for each in found], token.get("NextToken")


def _of_execution(record: Record) -> dict[str, Any]:
    status = record[EXECUTION.status]
    over = status in EXECUTION.final
    return {
        "id": identifier_of(record[EXECUTION.name]),
        "called": record["PipelineExecutionDisplayName"],
        "status": status,
        "created": record["CreationTime"],
        "seconds": (record["LastModifiedTime"] if over else time.time()) - record["CreationTime"],
        "over": over,
        "version": record["PipelineVersionId"],
    }


async def pipeline(request: Request) -> Response:
    at, name = desk(request), request.path_params["name"]
    described = await at.describe(PIPELINE, name)
    definition = parse(described["PipelineDefinition"])
    after = request.query_params.get("after")
    found, token = _executions(at.cloud, name, ROWS, after)
    record = PIPELINE.find(at.cloud, name)
    return live(
        request, "pipeline.html", "pipeline_live.html",
        name=name, described=described, steps=definition.steps, executions=found,
        graph=graph(definition.steps, {}, ""), parameters=definition.parameters.values(),
        next=token, after=after, labels=record.get("Tags", []),
        version=record["PipelineVersionId"],
    )  # fmt: skip


async def ask_delete(request: Request) -> Response:
    name = request.path_params["name"]
    PIPELINE.find(desk(request).cloud, name)
    return page(
        request, "ask.html", title="Delete pipeline", name=name,
        said="Its executions go with it. The jobs of their steps stay.",
        action=["pipelines", name, "delete"], back=["pipelines", name], query={},
    )  # fmt: skip


async def delete(request: Request) -> Response:
    at, name = desk(request), request.path_params["name"]
    await at.fields(request)
    token = uuid.uuid4().hex
    await at.call("sagemaker", "DeletePipeline", PipelineName=name, ClientRequestToken=token)
    return see_other("pipelines")


# ---- executions -----------------------------------------------------------------------------


def _parts(request: Request) -> tuple[str, str]:
    return request.path_params["name"], request.path_params["id"]


def _found(at: Desk, pipeline: str, identifier: str) -> tuple[Record, Definition]:
    """An execution and what it follows. Raises the error for a missing one."""
    record = EXECUTION.find(at.cloud, execution_name(pipeline, identifier))
    return record, parse(text_of(at.cloud, record))


def _steps(cloud: Cloud, record: Record, definition: Definition) -> list[dict[str, Any]]:
    """The steps of an execution, those that have not begun, too, in the order of the definition."""
    begun = {
        each["StepName"]: each for each in records.steps(cloud, record[EXECUTION.name]).values()
    }
    otherwise = "Not executed" if record[EXECUTION.status] in EXECUTION.final else "Waiting"
    return [_step(step, begun.get(name), otherwise) for name, step in definition.steps.items()]


def _step(step: Step, record: Record | None, otherwise: str) -> dict[str, Any]:
    if record is None:
        return {
            "name": step.name, "type": step.type, "status": otherwise, "begun": None,
            "seconds": None, "detail": "", "reason": "", "record": {}, "token": "",
        }  # fmt: skip
    metadata = record.get("Metadata", {})
    callback = metadata.get(_CALLBACK, {})
    waits = step.type == _CALLBACK and callback and "EndTime" not in record
    outcome = metadata.get("Condition", {}).get("Outcome", "")
    hit = "from the cache" if record.get("CacheHitResult") else ""
    return {
        "name": step.name,
        "type": step.type,
        "status": record["StepStatus"],
        "begun": record.get("StartTime"),
        "seconds": record.get("EndTime", time.time()) - record["StartTime"],
        "detail": "waits for an answer" if waits else outcome or hit,
        "reason": record.get("FailureReason", ""),
        "record": record,
        "token": callback.get("CallbackToken", "") if waits else "",
    }


async def execution(request: Request) -> Response:
    at, (name, identifier) = desk(request), _parts(request)
    record, definition = _found(at, name, identifier)
    described = await at.describe(EXECUTION, record[EXECUTION.arn], "PipelineExecutionArn")
    steps = _steps(at.cloud, record, definition)
    status = record[EXECUTION.status]
    return live(
        request, "execution.html", "execution_live.html",
        name=name, id=identifier, execution=_of_execution(record), described=described,
        steps=steps, graph=graph(definition.steps, {each["name"]: each["status"] for each in steps},
                                 "Waiting"),
        parameters=[(key, as_text(value)) for key, value in record["Parameters"].items()],
        reason=record.get("FailureReason"), arn=record[EXECUTION.arn],
        stoppable=status == ExecutionStatus.IN_PROGRESS, again_possible=status in _AGAIN,
    )  # fmt: skip


async def ask_stop(request: Request) -> Response:
    at, (name, identifier) = desk(request), _parts(request)
    _found(at, name, identifier)
    parts = ["pipelines", name, "executions", identifier]
    return page(
        request, "ask.html", title="Stop pipeline execution", verb="Stop", name=identifier,
        said="Its running steps are stopped. A retry goes on with those that have not succeeded.",
        action=[*parts, "stop"], back=parts, query={},
    )  # fmt: skip


async def _changed(request: Request, operation: str) -> Response:
    at, (name, identifier) = desk(request), _parts(request)
    await at.fields(request)
    record, _ = _found(at, name, identifier)
    await at.call(
        "sagemaker", operation, PipelineExecutionArn=record[EXECUTION.arn],
        ClientRequestToken=uuid.uuid4().hex,
    )  # fmt: skip
    return see_other("pipelines", name, "executions", identifier)


async def stop(request: Request) -> Response:
    return await _changed(request, "StopPipelineExecution")


async def retry(request: Request) -> Response:
    return await _changed(request, "RetryPipelineExecution")


# ---- steps ----------------------------------------------------------------------------------


async def step(request: Request) -> Response:
    at, (name, identifier) = desk(request), _parts(request)
    record, definition = _found(at, name, identifier)
    chosen = definition.steps.get(request.path_params["step"])
    if chosen is None:
        raise NotThere("The pipeline has no step with this name.")
    found = next(each for each in _steps(at.cloud, record, definition)
                 if each["name"] == chosen.name)  # fmt: skip
    return live(
        request, "step.html", "step_live.html",
        name=name, id=identifier, step=found, body=chosen.body, links=led_to(found["record"]),
        outputs=outputs_of(chosen) if chosen.type == _CALLBACK else {},
        over=record[EXECUTION.status] in EXECUTION.final,
    )  # fmt: skip


async def answer(request: Request) -> Response:
    """Answers a callback step that waits, as whoever reads its queue would."""
    at, (name, identifier) = desk(request), _parts(request)
    given = await at.fields(request)
    token: dict[str, Any] = {"CallbackToken": given.get("token", "")}
    if given.get("answer") == "failure":
        reason = {"FailureReason": given["reason"]} if given.get("reason") else {}
        await at.call("sagemaker", "SendPipelineExecutionStepFailure", **token, **reason)
    else:
        said = [{"Name": key.removeprefix("output:"), "Value": value}
                for key, value in given.items() if key.startswith("output:")]  # fmt: skip
        outputs = {"OutputParameters": said} if said else {}
        await at.call("sagemaker", "SendPipelineExecutionStepSuccess", **token, **outputs)
    return see_other(
        "pipelines", name, "executions", identifier, "steps", request.path_params["step"]
    )


_EXECUTION = "/pipelines/{name}/executions/{id}"
ROUTES = [
    Route("/pipelines", table),
    Route("/pipelines/{name}", pipeline),
    Route("/pipelines/{name}/delete", ask_delete),
    Route("/pipelines/{name}/delete", delete, methods=["POST"]),
    Route(_EXECUTION, execution),
    Route(_EXECUTION + "/stop", ask_stop),
    Route(_EXECUTION + "/stop", stop, methods=["POST"]),
    Route(_EXECUTION + "/retry", retry, methods=["POST"]),
    Route(_EXECUTION + "/steps/{step}", step),
    Route(_EXECUTION + "/steps/{step}/answer", answer, methods=["POST"]),
]
