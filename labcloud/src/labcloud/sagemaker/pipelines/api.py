"""Pipelines and their versions, and the table of all operations of pipelines."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import Conflict, ResourceNotFound, ValidationError
from labcloud.sagemaker.pipelines import callbacks, documents, executions, records
from labcloud.sagemaker.pipelines.checks import checked
from labcloud.sagemaker.pipelines.resource import EXECUTION, PIPELINE
from labcloud.sagemaker.resource import Answer, Request
from labcloud.state.records import Record

_DEFINITION = ("PipelineDefinition", "PipelineDefinitionS3Location", "ClientRequestToken")
_CHANGED = (
    "PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration",
)  # fmt: skip


async def create(cloud: Cloud, request: Request) -> Answer:
    text = await documents.text_of(cloud, request)
    if text is None:
        raise ValidationError(
            "Either Pipeline Definition or Pipeline Definition S3 location should be provided"
        )
    name = request["PipelineName"]
    if former := _same(cloud, request, text):
        return {"PipelineArn": former[PIPELINE.arn]}
    checked(text)
    kept = {member: value for member, value in request.items() if member not in _DEFINITION}
    record = PIPELINE.new_record(cloud, kept) | {
        records.STATUS: records.ACTIVE,
        "PipelineVersionId": 1,
        "Token": request["ClientRequestToken"],
    }
    # Whoever sees the pipeline sees its first version.
    with cloud.records.together():
        PIPELINE.insert(cloud, record)
        _write_version(cloud, name, 1, text, record["CreationTime"])
    return {"PipelineArn": record[PIPELINE.arn]}


def _same(cloud: Cloud, request: Request, text: str) -> Record | None:
    """The pipeline that the very same request has made, by its token."""
    names = cloud.records.places.spelled(PIPELINE.kind, request["PipelineName"].lower())
    if request["PipelineName"] not in names:
        return None
    record = PIPELINE.find(cloud, request["PipelineName"])
    version = records.version(cloud, record[PIPELINE.name], 1)
    same = record.get("Token") == request["ClientRequestToken"]
    return record if same and version and version["PipelineDefinition"] == text else None


def _write_version(cloud: Cloud, name: str, number: int, text: str, created: float) -> None:
    body = {"PipelineVersionId": number, "PipelineDefinition": text, "CreationTime": created}
    records.put(cloud, records.VERSION, records.version_name(name, number), body)


async def update(cloud: Cloud, request: Request) -> Answer:
    """A new version, where the definition is among the changes."""
    text = await documents.text_of(cloud, request)
    name = request["PipelineName"]
    record = records.active(cloud, name)
    number = record["PipelineVersionId"]
    changes: dict[str, Any] = {each: request[each] for each in _CHANGED if each in request}
    if text is not None:
        checked(text)
        number += 1
        changes["PipelineVersionId"] = number
    with cloud.records.together():
        if text is not None:
            _write_version(cloud, name, number, text, time.time())
        PIPELINE.update(cloud, name, **changes)
    return {"PipelineArn": record[PIPELINE.arn], "PipelineVersionId": number}


async def delete(cloud: Cloud, request: Request) -> Answer:
    """Where there is much to delete, the pipeline is Deleting, and others are served meanwhile."""
    name = request["PipelineName"]
    record = PIPELINE.find(cloud, name)
    for execution in EXECUTION.unfinished(cloud):
        if execution["PipelineArn"] == record[PIPELINE.arn]:
            raise Conflict(
                f"Pipeline '{record[PIPELINE.arn]}' cannot be deleted: its execution "
                f"'{execution[EXECUTION.arn]}' is {execution[EXECUTION.status]}."
            )
    while not records.removed(cloud, name):
        await asyncio.sleep(0)
        if not records.is_going(cloud, name):
            # Another request has deleted the rest.
            break
    return {"PipelineArn": record[PIPELINE.arn]}


async def describe(cloud: Cloud, request: Request) -> Answer:
    record = PIPELINE.find(cloud, PIPELINE.name_of(cloud, request["PipelineName"]))
    number = int(request.get("PipelineVersionId") or record["PipelineVersionId"])
    return {**record, **_version(cloud, record, number)}


def _version(cloud: Cloud, pipeline: Record, number: int) -> Record:
    found = records.version(cloud, pipeline[PIPELINE.name], number)
    if found is None:
        raise ResourceNotFound(f"Pipeline '{pipeline[PIPELINE.arn]}' has no version {number}.")
    # The pipeline's own times are shown.
    return {name: value for name, value in found.items() if name != "CreationTime"}


async def list_all(cloud: Cloud, request: Request) -> Answer:
    if request.get("ManagedBy") == "AWS":
        return {PIPELINE.summaries: []}
    prefix = request.get("PipelineNamePrefix", "")
    found, token = records.page(cloud, PIPELINE.kind, prefix, request, "Descending")
    shown = [{**each, "LastExecutionTime": each.get("LastRunTime")} for each in found]
    return {PIPELINE.summaries: shown, **token}


async def list_versions(cloud: Cloud, request: Request) -> Answer:
    record = PIPELINE.find(cloud, PIPELINE.name_of(cloud, request["PipelineName"]))
    prefix = f"{record[PIPELINE.name]}/"
    found, token = records.page(cloud, records.VERSION, prefix, request, "Descending")
    arn = {"PipelineArn": record[PIPELINE.arn]}
    return {"PipelineVersionSummaries": [{**each, **arn} for each in found], **token}


async def update_version(cloud: Cloud, request: Request) -> Answer:
    record = records.active(cloud, PIPELINE.name_of(cloud, request["PipelineArn"]))
    number = request["PipelineVersionId"]
    _version(cloud, record, number)
    members = ("PipelineVersionDisplayName", "PipelineVersionDescription")
    changes = {each: request[each] for each in members if each in request}
    name = records.version_name(record[PIPELINE.name], number)
    cloud.records.update(records.VERSION, name, **changes)
    return {"PipelineArn": record[PIPELINE.arn], "PipelineVersionId": number}


OPERATIONS = {
    "CreatePipeline": create,
    "UpdatePipeline": update,
    "DeletePipeline": delete,
    "DescribePipeline": describe,
    "ListPipelines": list_all,
    "ListPipelineVersions": list_versions,
    "UpdatePipelineVersion": update_version,
    "StartPipelineExecution": executions.start,
    "StopPipelineExecution": executions.stop,
    "RetryPipelineExecution": executions.retry,
    "DescribePipelineExecution": executions.describe,
    "UpdatePipelineExecution": executions.update,
    "ListPipelineExecutions": executions.list_all,
    "ListPipelineExecutionSteps": executions.list_steps,
    "ListPipelineParametersForExecution": executions.list_parameters,
    "DescribePipelineDefinitionForExecution": executions.describe_definition,
    "SendPipelineExecutionStepSuccess": callbacks.send_success,
    "SendPipelineExecutionStepFailure": callbacks.send_failure,
}
