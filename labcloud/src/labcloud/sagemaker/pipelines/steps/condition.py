"""Condition steps. Their branches are steps of their own, which wait for the outcome."""

from __future__ import annotations

from labcloud.sagemaker.pipelines import conditions
from labcloud.sagemaker.pipelines.definition import CONDITION as TYPE
from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.paths import Part
from labcloud.sagemaker.pipelines.problems import StepFailed, Unparsed, Unresolved
from labcloud.sagemaker.pipelines.steps.kind import Attempt, Kind, Properties

OUTCOME = "Outcome"


class _Condition(Kind):
    type = TYPE

    def check(self, step: Step) -> None:
        for member in step.arguments.keys() - {"Conditions"}:
            raise Unparsed(f"Unknown Argument member '{member}'.")
        conditions.check_all(step.arguments.get("Conditions"))

    def has(self, step: Step, path: tuple[Part, ...]) -> bool:
        return path == (OUTCOME,)

    async def run(self, attempt: Attempt) -> Properties:
        try:
            outcome = conditions.hold(attempt.arguments["Conditions"])
        except Unresolved as error:
            raise StepFailed(f"ClientError: {error}") from error
        attempt.tell({"Condition": {OUTCOME: str(outcome)}})
        return {OUTCOME: outcome}


CONDITION = _Condition()
