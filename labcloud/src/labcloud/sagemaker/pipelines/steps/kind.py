"""What all kinds of steps have in common, and what a step finds while it runs."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.expressions import Reference
from labcloud.sagemaker.pipelines.paths import Part
from labcloud.sagemaker.pipelines.problems import Unparsed

Properties = dict[str, Any]

EVERYWHERE = frozenset({"Name", "Type", "Arguments", "DependsOn", "DisplayName", "Description"})
CACHE, RETRIES, FILES = "CacheConfig", "RetryPolicies", "PropertyFiles"
_OUTPUT_TYPES = ("String", "Integer", "Float", "Boolean")
_MOST_OUTPUTS = 50


@dataclass
class Attempt:
    """One attempt at a step: where it is, what it has been given, and how it says how far it is."""

    cloud: Cloud
    step: Step
    # The evaluated arguments, and the evaluated FunctionArn or SqsQueueUrl.
    arguments: dict[str, Any]
    target: str
    execution_arn: str
    # What the job of this attempt is called.
    name: str
    stop: asyncio.Event
    # Writes the step's Metadata, or that it is being stopped.
    tell: Callable[[dict[str, Any]], None]
    stopping: Callable[[], None]
    # Steps that wait for somebody's word, by their tokens.
    waiting: dict[str, asyncio.Future[Properties]] = field(default_factory=dict)


class Kind(ABC):
    """A kind of step."""

    # Its Type, and the members beside those that all kinds have.
    type: str
    members: frozenset[str] = frozenset()
    # The longest name of the job that it makes (characters).
    longest_name: int = 63

    @property
    def name_member(self) -> str:
        """The argument that begins that name where a definition has it; empty: there is none."""
        return ""

    @abstractmethod
    def check(self, step: Step) -> None:
        """What is wrong with the step alone. Raises Unparsed, ValidationError."""

    @abstractmethod
    def has(self, step: Step, path: tuple[Part, ...]) -> bool:
        """Whether the step's properties can have something at this path."""

    @abstractmethod
    async def run(self, attempt: Attempt) -> Properties:
        """Does the step. Returns its properties. Raises StepFailed, StepStopped."""

    def assigned(self, step: Step) -> Iterable[tuple[Reference, str]]:
        """What is asked for as a whole argument, and the argument's type where it has one."""
        return ()

    def cache_key(self, attempt: Attempt) -> Any:
        """What must be the same for a former run to be taken instead; None: never."""
        return None

    def job_name(self, identifier: str, step: Step, random: str, given: str) -> str:
        """The name of an attempt's job. `given` is what the definition has for it, or empty."""
        if not given:
            return self.called(identifier, step, random)
        room = self.longest_name - len(identifier) - len(random) - 2
        return f"{given[:room]}-{identifier}-{random}"

    def called(self, identifier: str, step: Step, random: str) -> str:
        """A name for the step's job: `pipelines-<execution>-<step>-<random>`, cut to its limit."""
        room = self.longest_name - len("pipelines---") - len(identifier) - len(random)
        name = step.name.replace("_", "-")[:room]
        return f"pipelines-{identifier}-{name}-{random}"


def check_outputs(step: Step) -> None:
    """The OutputParameters of a Lambda or Callback step. Raises Unparsed."""
    given = step.body.get("OutputParameters") or []
    if not isinstance(given, list):
        raise Unparsed("Expecting start of Json Array.")
    if len(given) > _MOST_OUTPUTS:
        raise Unparsed(f"Step '{step.name}' can have {_MOST_OUTPUTS} OutputParameters.")
    for each in given:
        if not isinstance(each, dict) or not isinstance(each.get("OutputName"), str):
            raise Unparsed("OutputParameters holds Objects with an OutputName and an OutputType.")
        for member in each.keys() - {"OutputName", "OutputType"}:
            raise Unparsed(f"Unknown OutputParameters member '{member}'.")
        if each.get("OutputType", "String") not in _OUTPUT_TYPES:
            raise Unparsed(
                f"An OutputType is one of {', '.join(_OUTPUT_TYPES)}; "
                f"this one is {each['OutputType']}."
            )


def outputs_of(step: Step) -> dict[str, str]:
    """The types of a step's OutputParameters, by name."""
    given = step.body.get("OutputParameters") or []
    return {each["OutputName"]: each.get("OutputType", "String") for each in given}


def has_output(step: Step, path: tuple[Part, ...]) -> bool:
    """Whether a path is `OutputParameters['name']` of one that the step has."""
    return len(path) == 2 and path[0] == "OutputParameters" and path[1] in outputs_of(step)
