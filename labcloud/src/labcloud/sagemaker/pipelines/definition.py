"""A pipeline's definition: its parameters and its steps, read from JSON.

Follows what SDKs write ("Version": "2020-12-01") and AWS's JSON schema of definitions, as far as
that keeps up with them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from labcloud.json_text import NotJson, loads
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.pipelines import parameters
from labcloud.sagemaker.pipelines.expressions import references
from labcloud.sagemaker.pipelines.graph import COMPLETED, TRIGGERS, Branch, Dependency
from labcloud.sagemaker.pipelines.parameters import Parameter
from labcloud.sagemaker.pipelines.paths import BadPath
from labcloud.sagemaker.pipelines.problems import Unparsed
from labcloud.sagemaker.protocol import has_nul
from labcloud.text import check_characters

VERSION = "2020-12-01"
_MEMBERS = {
    "Version", "Metadata", "Parameters", "PipelineExperimentConfig", "MlflowConfig", "Steps",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
CONDITION = "Condition"
_BRANCHES = {"IfSteps": True, "ElseSteps": False}
# How deep branches may be in each other; AWS's quota is not known.
_DEEPEST = 20
# How deep lists and objects may be in each other; functions that call themselves go through them.
_DEEPEST_JSON = 200


@dataclass(frozen=True)
class Step:
    """One step. `body` is its JSON; `dependencies` and `branch` are what it waits for."""

    name: str
    type: str
    body: dict[str, Any]
    dependencies: tuple[Dependency, ...]
    branch: Branch | None

    @property
    def arguments(self) -> dict[str, Any]:
        """Without the steps of a condition's branches, which are steps of their own."""
        found: dict[str, Any] = self.body["Arguments"]
        if self.type == CONDITION:
            return {name: item for name, item in found.items() if name not in _BRANCHES}
        return found


@dataclass(frozen=True)
class Definition:
    """A definition that can be read. Its steps are in their order, those of branches too."""

    parameters: dict[str, Parameter]
    steps: dict[str, Step]
    experiment: dict[str, Any] | None


def read(text: str) -> Any:
    """The JSON of a definition. Raises Unparsed."""
    try:
        found = loads(text)
    except NotJson as error:
        raise Unparsed(f"It is not valid JSON: {error}.") from error
    except (ValueError, RecursionError) as error:
        raise Unparsed("It is not valid JSON.") from error
    if not isinstance(found, dict):
        raise Unparsed("Expecting start of Json Object.")
    _check_texts(text, found)
    return found


def _check_texts(text: str, found: dict[str, Any]) -> None:
    """Raises Unparsed for what could not be handed on: too deep, or no character of a text."""
    items, depth = [found], 0
    while items:
        depth += 1
        items = [each for item in items for each in _inside(item)]
    if depth > _DEEPEST_JSON:
        raise Unparsed(f"It can be {_DEEPEST_JSON} deep; it is {depth} deep.")
    if "\\u" in text:
        try:
            check_characters(found)
        except UnicodeEncodeError as error:
            raise Unparsed("It is not valid JSON: half a surrogate pair is no character.") from (
                error
            )
        if has_nul(found):
            raise Unparsed("It has the character NUL, which no variable and no file has.")


def _inside(item: Any) -> list[Any]:
    found = item.values() if isinstance(item, dict) else item
    return [each for each in found if isinstance(each, (dict, list)) and each]


@functools.lru_cache(maxsize=64)
def parse(text: str) -> Definition:
    """Raises Unparsed, and ValidationError for what labcloud does not have."""
    given = read(text)
    for member in given.keys() - _MEMBERS:
        raise Unparsed(f"Unknown member '{member}'.")
    if given.get("Version") != VERSION:
        raise Unparsed(f"The Version must be {VERSION}; it is {given.get('Version')!s:.100}.")
    if not isinstance(given.get("Metadata") or {}, dict):
        raise Unparsed("Expecting start of Json Object.")
    if given.get("MlflowConfig"):
        raise ValidationError("labcloud does not implement MlflowConfig of pipeline definitions")
    experiment = given.get("PipelineExperimentConfig")
    if experiment is not None:
        if not isinstance(experiment, dict) or experiment.keys() - {"ExperimentName", "TrialName"}:
            raise Unparsed("PipelineExperimentConfig has an ExperimentName and a TrialName.")
        experiment = {name: value for name, value in experiment.items() if value is not None}
    steps: dict[str, Step] = {}
    for step in _steps(given.get("Steps"), None, 1):
        if step.name in steps:
            raise Unparsed(f"Duplicate step name '{step.name}'.")
        steps[step.name] = step
    if not steps:
        raise Unparsed("A pipeline must have at least one step.")
    return Definition(parameters.parse_all(given.get("Parameters") or []), steps, experiment)


def _steps(given: Any, branch: Branch | None, depth: int) -> Iterator[Step]:
    if not isinstance(given, list):
        raise Unparsed("Expecting start of Json Array.")
    if depth > _DEEPEST:
        raise Unparsed(f"The branches of conditions can be {_DEEPEST} deep.")
    for body in given:
        step = _step(body, branch)
        yield step
        if step.type == CONDITION:
            for member, taken_if in _BRANCHES.items():
                inside = step.body["Arguments"].get(member) or []
                yield from _steps(inside, Branch(step.name, taken_if), depth + 1)


def _step(body: Any, branch: Branch | None) -> Step:
    if not isinstance(body, dict):
        raise Unparsed("Expecting start of Json Object.")
    name, kind, arguments = body.get("Name"), body.get("Type"), body.get("Arguments")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Unparsed(
            f"The Name of a step must match [A-Za-z0-9\\-_]{{1,64}}; it is {name!r:.100}."
        )
    if not isinstance(kind, str):
        raise Unparsed(f"Step '{name}' must have a Type.")
    if arguments is None and kind in ("Lambda", "Callback", "Fail"):
        arguments = {}
    if not isinstance(arguments, dict):
        raise Unparsed("Expecting start of Json Object.")
    found = Step(name, kind, {**body, "Arguments": arguments}, (), branch)
    return Step(name, kind, found.body, tuple(_dependencies(found)), branch)


def _dependencies(step: Step) -> Iterator[Dependency]:
    given = step.body.get("DependsOn") or []
    if not isinstance(given, list):
        raise Unparsed("Expecting start of Json Array.")
    found = dict.fromkeys(_depends_on(each) for each in given)
    try:
        for reference in references([_expressed(step)]):
            if reference.is_step:
                found.setdefault(Dependency(reference.name))
    except BadPath as error:
        raise Unparsed(f"Step '{step.name}' has an expression that cannot be read: {error}.") from (
            error
        )
    yield from found


def _expressed(step: Step) -> dict[str, Any]:
    """The members of a step that may hold expressions."""
    return {
        "Arguments": step.arguments,
        **{name: step.body.get(name) for name in ("FunctionArn", "SqsQueueUrl")},
    }


def _depends_on(given: Any) -> Dependency:
    if isinstance(given, str):
        return Dependency(given)
    if not isinstance(given, dict) or not isinstance(given.get("Step"), str):
        raise Unparsed("DependsOn holds names of steps, or Objects with a Step and a Trigger.")
    trigger = given.get("Trigger", COMPLETED)
    if trigger not in TRIGGERS or given.keys() - {"Step", "Trigger"}:
        raise Unparsed(f"A Trigger is one of {', '.join(TRIGGERS)}; this one is {trigger!s:.100}.")
    return Dependency(given["Step"], trigger)
