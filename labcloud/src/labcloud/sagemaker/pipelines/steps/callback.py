"""Callback steps: a message with a token goes to a queue, and somebody answers with the token."""

from __future__ import annotations

import asyncio
import json
import secrets
import string
from typing import Any

from labcloud.aws.queues import NoQueue
from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.expressions import as_text
from labcloud.sagemaker.pipelines.numerals import decimal, integer
from labcloud.sagemaker.pipelines.problems import StepFailed, StepStopped
from labcloud.sagemaker.pipelines.steps.asks import Asks
from labcloud.sagemaker.pipelines.steps.kind import CACHE, Attempt, Properties, outputs_of

_LETTERS = string.ascii_letters + string.digits
_TOKEN = 10
_READERS: dict[str, Any] = {"Integer": integer, "Float": decimal}


class _Callback(Asks):
    type = "Callback"
    members = frozenset({CACHE, "SqsQueueUrl", "OutputParameters"})
    asked = "SqsQueueUrl"
    an_asked = "an SqsQueueUrl"

    async def run(self, attempt: Attempt) -> Properties:
        token = "".join(secrets.choice(_LETTERS) for _ in range(_TOKEN))
        told = {"CallbackToken": token, "SqsQueueUrl": attempt.target}
        answer = attempt.waiting[token] = asyncio.get_running_loop().create_future()
        try:
            await _send(attempt, token, "Executing")
            attempt.tell({"Callback": told})
            said = await self._answered(attempt, token, answer)
        finally:
            del attempt.waiting[token]
        found = _outputs(attempt.step, said)
        listed = [{"Name": name, "Value": as_text(value)} for name, value in found.items()]
        attempt.tell({"Callback": {**told, "OutputParameters": listed}})
        return {"OutputParameters": found}

    async def _answered(
        self, attempt: Attempt, token: str, answer: asyncio.Future[Properties]
    ) -> Properties:
        """What was sent back. A stop is told to the queue, and waits for an answer, as on AWS."""
        stopping = asyncio.create_task(attempt.stop.wait())
        both: list[asyncio.Future[Any]] = [answer, stopping]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        if answer.done():
            return answer.result()
        attempt.stopping()
        await _send(attempt, token, "Stopping")
        await asyncio.wait([answer])
        # Whatever it says: the exception of a failure is not raised, but must be looked at.
        answer.exception()
        raise StepStopped


async def _send(attempt: Attempt, token: str, status: str) -> None:
    body = {
        "token": token,
        "pipelineExecutionArn": attempt.execution_arn,
        "arguments": attempt.arguments,
        "status": status,
    }
    queues = attempt.cloud.queues
    try:
        await asyncio.to_thread(queues.send, attempt.target, json.dumps(body))
    except NoQueue as error:
        raise StepFailed(
            f"ClientError: Failed to invoke sqs:SendMessage. Error Details: {error}"
        ) from error


def _outputs(step: Step, said: Properties) -> dict[str, Any]:
    found = {}
    for name, kind in outputs_of(step).items():
        if name not in said:
            raise StepFailed(f"ClientError: The callback did not give the output {name}")
        try:
            found[name] = _read(said[name], kind)
        except ValueError as error:
            raise StepFailed(
                f"ClientError: The output {name} of the callback is not of type {kind}"
            ) from error
    return found


def _read(text: str, kind: str) -> Any:
    if kind == "Boolean":
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    return _READERS.get(kind, str)(text)


CALLBACK = _Callback()
