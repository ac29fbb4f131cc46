"""The expressions of a definition: Get, Std:Join and Std:JsonGet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from labcloud.sagemaker.pipelines import paths
from labcloud.sagemaker.pipelines.problems import Unresolved

GET, JOIN, JSON_GET = "Get", "Std:Join", "Std:JsonGet"
_PARAMETERS, _EXECUTION, STEPS = "Parameters", "Execution", "Steps"
# The variables of an execution.
VARIABLES = (
    "StartDateTime", "CurrentDateTime", "PipelineName", "PipelineArn", "PipelineExecutionId",
    "PipelineExecutionArn", "TrainingJobName", "ProcessingJobName",
)  # fmt: skip
# Those of them that steps alone have.
OF_STEPS = ("TrainingJobName", "ProcessingJobName")
PROPERTY_FILES = "PropertyFiles"


@dataclass(frozen=True)
class Reference:
    """What a Get asks for: one of `Parameters`, `Execution` and `Steps`, a name, and a path."""

    text: str
    of: str
    name: str
    path: tuple[paths.Part, ...]

    @classmethod
    def parse(cls, text: Any) -> Reference:
        """Raises BadPath."""
        of, _, rest = text.partition(".") if isinstance(text, str) else ("", "", "")
        if of not in (_PARAMETERS, _EXECUTION, STEPS):
            raise paths.BadPath(text)
        parts = paths.parsed(rest)
        if not parts or not isinstance(parts[0], str) or (of != STEPS and len(parts) > 1):
            raise paths.BadPath(text)
        return cls(text, of, parts[0], parts[1:])

    @property
    def is_step(self) -> bool:
        return self.of == STEPS

    @property
    def is_parameter(self) -> bool:
        return self.of == _PARAMETERS


class Scope(Protocol):
    """Where an expression's names have their values."""

    def parameter(self, name: str) -> Any: ...

    def variable(self, name: str) -> Any: ...

    def properties(self, step: str) -> Any:
        """What a step is described by. Raises Unresolved."""
        ...

    def property_file(self, step: str, name: str) -> Any:
        """The JSON of a property file. Blocking. Raises Unresolved."""
        ...

    def document(self, uri: str) -> Any:
        """The JSON of an object in S3. Blocking. Raises Unresolved."""
        ...


def is_expression(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in (
        GET, JOIN, JSON_GET
    )  # fmt: skip


def references(value: Any) -> Iterator[Reference]:
    """All that the expressions in a value ask for. Raises BadPath."""
    if isinstance(value, dict):
        if is_expression(value) and GET in value:
            yield Reference.parse(value[GET])
            return
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def reads_files(value: Any) -> bool:
    """Whether evaluating blocks."""
    if isinstance(value, dict):
        return JSON_GET in value or any(map(reads_files, value.values()))
    return isinstance(value, list) and any(map(reads_files, value))


def evaluate(value: Any, scope: Scope) -> Any:
    """A value with its expressions replaced by what they stand for. Raises Unresolved."""
    if isinstance(value, list):
        return [evaluate(item, scope) for item in value]
    if not isinstance(value, dict):
        return value
    if not is_expression(value):
        return {name: evaluate(item, scope) for name, item in value.items()}
    [(operator, operand)] = value.items()
    if operator == GET:
        return _got(Reference.parse(operand), scope)
    if operator == JOIN:
        values = evaluate(operand["Values"], scope)
        joiner = evaluate(operand.get("On", ""), scope)
        return as_text(joiner).join(map(as_text, values))
    return _got_from_json(operand, scope)


def as_text(value: Any) -> str:
    """A value as Std:Join writes it; truth values are in lower case, as AWS's tests have them."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _got(reference: Reference, scope: Scope) -> Any:
    if reference.is_parameter:
        return scope.parameter(reference.name)
    if not reference.is_step:
        return scope.variable(reference.name)
    return paths.look_up(scope.properties(reference.name), reference.path, reference.text)


def _got_from_json(operand: dict[str, Any], scope: Scope) -> Any:
    path = as_text(evaluate(operand["Path"], scope))
    if "PropertyFile" in operand:
        file = Reference.parse(operand["PropertyFile"][GET])
        found = scope.property_file(file.name, str(file.path[-1]))
        what = f"{path} of {file.text}"
    else:
        uri = as_text(evaluate(operand["S3Uri"], scope))
        found, what = scope.document(uri), f"{path} of {uri}"
    try:
        parts = paths.parsed(path)
    except paths.BadPath as error:
        raise Unresolved(f"The Path {path} of Std:JsonGet cannot be read") from error
    return paths.look_up(found, parts, what)
