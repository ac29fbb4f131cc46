"""What is wrong with a definition that can be read, beyond what each step says by itself."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from labcloud.sagemaker.pipelines import cache, graph, retries
from labcloud.sagemaker.pipelines.definition import Definition, Step, parse
from labcloud.sagemaker.pipelines.expressions import (
    GET,
    JOIN,
    JSON_GET,
    PROPERTY_FILES,
    VARIABLES,
    Reference,
    is_expression,
)
from labcloud.sagemaker.pipelines.paths import BadPath
from labcloud.sagemaker.pipelines.problems import Unparsed
from labcloud.sagemaker.pipelines.steps.kind import CACHE, EVERYWHERE, FILES, RETRIES
from labcloud.sagemaker.pipelines.steps.table import kind_of

_FAIL = "Fail"
_LONGEST = {"DisplayName": 256, "Description": 3072}


@functools.lru_cache(maxsize=64)
def checked(text: str) -> Definition:
    """A definition. Raises Unparsed, and ValidationError for what labcloud does not have."""
    definition = parse(text)
    for step in definition.steps.values():
        _check_step(step)
    for step in definition.steps.values():
        _check_dependencies(step, definition)
        for place in (step.arguments, step.body.get("FunctionArn"), step.body.get("SqsQueueUrl")):
            _check_expressions(place, definition, f"Step '{step.name}'")
    if found := graph.cycle(definition.steps):
        raise Unparsed(f"The steps wait for each other: {', '.join(found)}.")
    _check_expressions(definition.experiment, definition, "PipelineExperimentConfig")
    return definition


def _check_step(step: Step) -> None:
    kind = kind_of(step.type)
    for member in step.body.keys() - EVERYWHERE - kind.members:
        raise Unparsed(f"Unknown member '{member}' of step '{step.name}' of type {step.type}.")
    for member, longest in _LONGEST.items():
        text = step.body.get(member)
        if text is not None and (not isinstance(text, str) or len(text) > longest):
            raise Unparsed(f"{member} of step '{step.name}' is a String of {longest} characters.")
    cache.check(step.body.get(CACHE))
    retries.check(step.body.get(RETRIES) or [])
    _check_files(step)
    kind.check(step)


def _check_files(step: Step) -> None:
    files = step.body.get(FILES) or []
    if not isinstance(files, list):
        raise Unparsed("Expecting start of Json Array.")
    wanted = {"PropertyFileName", "OutputName", "FilePath"}
    names = set()
    config = step.arguments.get("ProcessingOutputConfig")
    outputs = config.get("Outputs") if isinstance(config, dict) else None
    for each in files:
        if not isinstance(each, dict) or each.keys() != wanted:
            raise Unparsed(f"PropertyFiles holds Objects with {', '.join(sorted(wanted))}.")
        if not all(isinstance(value, str) for value in each.values()):
            raise Unparsed("The members of PropertyFiles are Strings.")
        if each["PropertyFileName"] in names:
            raise Unparsed(f"Duplicate property file '{each['PropertyFileName']}'.")
        names.add(each["PropertyFileName"])
        if isinstance(outputs, list) and not any(
            isinstance(output, dict) and output.get("OutputName") == each["OutputName"]
            for output in outputs
        ):
            raise Unparsed(
                f"Property file '{each['PropertyFileName']}' is of the output "
                f"'{each['OutputName']}', which step '{step.name}' does not have."
            )


def _check_dependencies(step: Step, definition: Definition) -> None:
    for each in step.dependencies:
        if each.step not in definition.steps:
            raise Unparsed(f"Step '{step.name}' depends on step '{each.step}', which is not there.")
        if definition.steps[each.step].type == _FAIL and each.trigger == graph.COMPLETED:
            # AWS's words; its SDK's own tests look for them.
            raise Unparsed(f"{step.name} can not depends on {each.step}")


def _check_expressions(value: Any, definition: Definition, where: str) -> None:
    for operator, operand in _expressions(value):
        if operator == GET:
            try:
                _check_reference(Reference.parse(operand), definition, where)
            except BadPath as error:
                raise Unparsed(f"{where} has a Get that cannot be read: {operand!r:.200}.") from (
                    error
                )
        elif operator == JOIN:
            values = operand.get("Values") if isinstance(operand, dict) else None
            if not isinstance(values, list) or operand.keys() - {"On", "Values"}:
                raise Unparsed(f"{where} has a Std:Join without Values, or with other members.")
        else:
            _check_json_get(operand, where)


def _expressions(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        if is_expression(value):
            yield next(iter(value.items()))
            if GET in value:
                return
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)


def _check_json_get(operand: Any, where: str) -> None:
    members = operand.keys() if isinstance(operand, dict) else set()
    sources = members & {"PropertyFile", "S3Uri"}
    if len(sources) != 1 or "Path" not in members or members - sources - {"Path"}:
        raise Unparsed(f"{where} has a {JSON_GET} that needs a Path, and a PropertyFile or S3Uri.")
    file = operand.get("PropertyFile")
    if file is not None and not (
        is_expression(file) and f".{PROPERTY_FILES}" in str(file.get(GET))
    ):
        raise Unparsed(f"{where} has a PropertyFile that is no Get of {PROPERTY_FILES} of a step.")


def _check_reference(reference: Reference, definition: Definition, where: str) -> None:
    name = reference.name
    if reference.is_parameter:
        if name not in definition.parameters:
            raise Unparsed(f"{where} refers to parameter '{name}', which is not there.")
        return
    if not reference.is_step:
        if name not in VARIABLES:
            raise Unparsed(f"{where} refers to '{reference.text}', which executions do not have.")
        return
    if name not in definition.steps:
        raise Unparsed(f"{where} refers to step '{name}', which is not there.")
    step = definition.steps[name]
    if reference.path[:1] == (PROPERTY_FILES,):
        files = [each["PropertyFileName"] for each in step.body.get(FILES) or []]
        if reference.path[1:] not in [(file,) for file in files]:
            raise Unparsed(f"{where} refers to '{reference.text}': step '{name}' has no such file.")
    elif not reference.path or not kind_of(step.type).has(step, reference.path):
        raise Unparsed(
            f"{where} refers to '{reference.text}', which steps of type {step.type} do not have."
        )
