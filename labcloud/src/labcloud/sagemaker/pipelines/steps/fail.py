"""Fail steps, which end an execution."""

from __future__ import annotations

from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.expressions import as_text, is_expression
from labcloud.sagemaker.pipelines.paths import Part
from labcloud.sagemaker.pipelines.problems import StepFailed, Unparsed
from labcloud.sagemaker.pipelines.steps.kind import Attempt, Kind, Properties

_MESSAGE = "ErrorMessage"
# Of the message (characters), says AWS's model of the step's Metadata.
_LONGEST = 3072


class _Fail(Kind):
    type = "Fail"

    def check(self, step: Step) -> None:
        for member in step.arguments.keys() - {_MESSAGE}:
            raise Unparsed(f"Unknown Argument member '{member}'.")
        message = step.arguments.get(_MESSAGE, "")
        if not isinstance(message, str) and not is_expression(message):
            raise Unparsed("ErrorMessage must be a String, or an expression.")
        if isinstance(message, str) and len(message) > _LONGEST:
            raise Unparsed(f"ErrorMessage can have {_LONGEST} characters.")

    def has(self, step: Step, path: tuple[Part, ...]) -> bool:
        return False

    async def run(self, attempt: Attempt) -> Properties:
        message = as_text(attempt.arguments.get(_MESSAGE, ""))[:_LONGEST]
        attempt.tell({"Fail": {_MESSAGE: message}})
        raise StepFailed(message)


FAIL = _Fail()
