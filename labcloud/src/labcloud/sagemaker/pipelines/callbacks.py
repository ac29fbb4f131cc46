"""The answers to Callback steps: SendPipelineExecutionStepSuccess and …Failure."""

from __future__ import annotations

import asyncio

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ResourceNotFound, ValidationError
from labcloud.sagemaker.pipelines.execution import PipelineExecution
from labcloud.sagemaker.pipelines.problems import StepFailed
from labcloud.sagemaker.pipelines.steps.kind import Properties
from labcloud.sagemaker.resource import Answer, Request


async def send_success(cloud: Cloud, request: Request) -> Answer:
    given = request.get("OutputParameters", [])
    outputs = {each["Name"]: each["Value"] for each in given}
    if len(outputs) != len(given):
        raise ValidationError("The names of OutputParameters must be unique")
    execution, answer = _find(cloud, request["CallbackToken"])
    answer.set_result(outputs)
    return {"PipelineExecutionArn": execution.request["PipelineExecutionArn"]}


async def send_failure(cloud: Cloud, request: Request) -> Answer:
    execution, answer = _find(cloud, request["CallbackToken"])
    answer.set_exception(StepFailed(request.get("FailureReason", "")))
    return {"PipelineExecutionArn": execution.request["PipelineExecutionArn"]}


def _find(cloud: Cloud, token: str) -> tuple[PipelineExecution, asyncio.Future[Properties]]:
    """Who waits for the answer. Raises ResourceNotFound."""
    for job in cloud.running.values():
        if isinstance(job, PipelineExecution):
            answer = job.waiting.get(token)
            if answer is not None and not answer.done():
                return job, answer
    raise ResourceNotFound(f"No callback step waits for the token {token}.")
