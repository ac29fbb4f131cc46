"""Steps that ask somebody for their OutputParameters: a function, or whoever reads a queue."""

from __future__ import annotations

from typing import Any

from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.expressions import is_expression
from labcloud.sagemaker.pipelines.paths import Part
from labcloud.sagemaker.pipelines.problems import Unparsed
from labcloud.sagemaker.pipelines.steps.kind import Attempt, Kind, check_outputs, has_output


class Asks(Kind):
    # The member that says who is asked, and the same with its article.
    asked: str
    an_asked: str

    def check(self, step: Step) -> None:
        asked = step.body.get(self.asked)
        if not is_expression(asked) and (not isinstance(asked, str) or not asked):
            raise Unparsed(f"Step '{step.name}' must have {self.an_asked}.")
        check_outputs(step)

    def has(self, step: Step, path: tuple[Part, ...]) -> bool:
        return has_output(step, path)

    def cache_key(self, attempt: Attempt) -> Any:
        return {self.asked: attempt.target, "Arguments": attempt.arguments}
