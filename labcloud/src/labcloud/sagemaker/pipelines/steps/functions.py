"""Lambda steps: a function's answer has the step's outputs."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from labcloud.functions.asked import Answered, FunctionError
from labcloud.json_text import NotJson, loads
from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.expressions import as_text, is_expression
from labcloud.sagemaker.pipelines.paths import Part
from labcloud.sagemaker.pipelines.problems import StepFailed, Unparsed
from labcloud.sagemaker.pipelines.steps.kind import (
    CACHE,
    Attempt,
    Kind,
    Properties,
    check_outputs,
    has_output,
    outputs_of,
)
from labcloud.text import check_characters

# The longest that a Lambda step may take, says the developer guide (seconds).
_LONGEST = 600.0
_PYTHON: dict[str, tuple[type, ...]] = {
    "String": (str,), "Integer": (int,), "Float": (int, float), "Boolean": (bool,),
}  # fmt: skip


class _Lambda(Kind):
    type = "Lambda"
    members = frozenset({CACHE, "FunctionArn", "OutputParameters"})

    def check(self, step: Step) -> None:
        function = step.body.get("FunctionArn")
        if not is_expression(function) and (not isinstance(function, str) or not function):
            raise Unparsed(f"Step '{step.name}' must have a FunctionArn.")
        check_outputs(step)

    def has(self, step: Step, path: tuple[Part, ...]) -> bool:
        return has_output(step, path)

    def cache_key(self, attempt: Attempt) -> Any:
        return {"FunctionArn": attempt.target, "Arguments": attempt.arguments}

    async def run(self, attempt: Attempt) -> Properties:
        attempt.tell({"Lambda": {"Arn": attempt.target}})
        answered = await self._invoked(attempt)
        try:
            said = loads(answered.payload or b"null")
            check_characters(said)
        except NotJson as error:
            raise StepFailed(
                f"ClientError: The Lambda function did not return valid JSON: {error}"
            ) from error
        except (ValueError, RecursionError):
            said = None
        if answered.error:
            raise StepFailed(f"ClientError: Lambda function failed: {_error(said)}")
        found = _outputs(attempt.step, said)
        listed = [{"Name": name, "Value": as_text(value)} for name, value in found.items()]
        attempt.tell({"Lambda": {"Arn": attempt.target, "OutputParameters": listed}})
        return {"OutputParameters": found}

    async def _invoked(self, attempt: Attempt) -> Answered:
        functions = attempt.cloud.functions
        if functions is None:
            raise StepFailed(
                f"ClientError: Failed to invoke lambda:Invoke. Error Details: Function not found: "
                f"{attempt.target}"
            )
        try:
            # A function that runs is not stopped with the execution, as on AWS.
            async with asyncio.timeout(_LONGEST):
                return await functions.invoke(
                    attempt.target, json.dumps(attempt.arguments).encode()
                )
        except FunctionError as error:
            raise StepFailed(
                f"ClientError: Failed to invoke lambda:Invoke. Error Details: {error.message}"
            ) from error
        except TimeoutError as error:
            raise StepFailed(
                f"ClientError: Lambda function timed out after {_LONGEST:g} seconds"
            ) from error


def _error(said: Any) -> str:
    message = said.get("errorMessage") if isinstance(said, dict) else said
    kind = said.get("errorType") if isinstance(said, dict) else None
    return f"{kind}: {message}" if kind else str(message)


def _outputs(step: Step, said: Any) -> dict[str, Any]:
    wanted = outputs_of(step)
    if wanted and not isinstance(said, dict):
        raise StepFailed("ClientError: The Lambda function did not return a JSON object")
    found = {}
    for name, kind in wanted.items():
        value = said.get(name)
        fits = isinstance(value, _PYTHON[kind]) and isinstance(value, bool) == (kind == "Boolean")
        if not fits:
            raise StepFailed(
                f"ClientError: The Lambda function did not return the output {name} of type {kind}"
            )
        found[name] = value
    return found


LAMBDA = _Lambda()
