"""What is wrong with a definition that can be read, beyond what each step says by itself."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.pipelines import cache, graph, retries
from labcloud.sagemaker.pipelines.definition import Definition, Step, parse
from labcloud.sagemaker.pipelines.expressions import (
    GET,
    JOIN,
    JSON_GET,
    OF_STEPS,
    PROPERTY_FILES,
    VARIABLES,
    Reference,
    is_expression,
    reads_files,
    references,
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
        _check_types(step, definition)
    if found := graph.cycle(definition.steps):
        raise Unparsed(f"The steps wait for each other: {', '.join(found)}.")
    _check_experiment(definition)
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
            _check_join(operand, where)
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


def _check_join(operand: dict[str, Any], where: str) -> None:
    joiner = operand.get("On", "")
    if not isinstance(joiner, str) and not is_expression(joiner):
        raise Unparsed(f"{where} has a Std:Join whose On is no String.")
    if any(
        isinstance(each, (dict, list)) and not is_expression(each) for each in operand["Values"]
    ):
        raise Unparsed(f"{where} has a Std:Join of Values that are no scalars, and no expressions.")


def _check_json_get(operand: Any, where: str) -> None:
    members = operand.keys() if isinstance(operand, dict) else set()
    sources = members & {"PropertyFile", "S3Uri"}
    if len(sources) != 1 or "Path" not in members or members - sources - {"Path"}:
        raise Unparsed(f"{where} has a {JSON_GET} that needs a Path, and a PropertyFile or S3Uri.")
    for member in members & {"Path", "S3Uri"}:
        if not isinstance(operand[member], str) and not is_expression(operand[member]):
            raise Unparsed(f"{where} has a {JSON_GET} whose {member} is no String.")
    if "PropertyFile" in members and not _is_of_file(operand["PropertyFile"]):
        raise Unparsed(f"{where} has a PropertyFile that is no Get of {PROPERTY_FILES} of a step.")


def _is_of_file(value: Any) -> bool:
    try:
        found = Reference.parse(value.get(GET)) if is_expression(value) else None
    except BadPath:
        return False
    return found is not None and found.is_step and found.path[:1] == (PROPERTY_FILES,)


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


def _check_types(step: Step, definition: Definition) -> None:
    """A parameter as a whole argument has the argument's type: Std:Join makes a text of it."""
    for reference, wanted in kind_of(step.type).assigned(step):
        if reference.is_parameter and not definition.parameters[reference.name].fits(wanted):
            # AWS's words, known for an Integer where a String is wanted.
            raise ValidationError(
                f"Cannot assign property reference [{reference.text}] to argument of type "
                f"[{wanted}]."
            )


def _check_experiment(definition: Definition) -> None:
    """What its members say is known when an execution starts: nothing has run by then."""
    where = "PipelineExperimentConfig"
    for member, value in (definition.experiment or {}).items():
        if not is_expression(value) and (not isinstance(value, str) or not value):
            raise Unparsed(f"{member} of {where} must be a String, or an expression.")
    _check_expressions(definition.experiment, definition, where)
    if reads_files(definition.experiment):
        raise Unparsed(f"{where} has a {JSON_GET}, which has no value when an execution starts.")
    for reference in references(definition.experiment):
        if reference.is_step or (reference.name in OF_STEPS and not reference.is_parameter):
            raise Unparsed(
                f"{where} refers to '{reference.text}', which has no value when an execution "
                "starts."
            )
