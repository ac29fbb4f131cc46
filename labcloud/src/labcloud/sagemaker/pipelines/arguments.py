"""The arguments of a step, held against botocore's model of the operation behind it.

An expression stands for any value of a leaf; lists and structures have to be written out, as on
AWS. Its patterns, lengths and ranges wait for the step, which asks the operation: AWS's own SDK
makes pipelines whose steps do not keep to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from labcloud.sagemaker.fields import Fields
from labcloud.sagemaker.pipelines.expressions import GET, Reference, as_text, is_expression
from labcloud.sagemaker.pipelines.problems import Unparsed
from labcloud.sagemaker.protocol import service_model
from labcloud.sagemaker.validation import unlike

# What a definition calls the types of AWS's models.
_TYPES = {
    "string": "String", "integer": "Integer", "long": "Integer", "float": "Float",
    "double": "Float", "boolean": "Boolean",
}  # fmt: skip


def input_shape(operation: str) -> StructureShape:
    shape = service_model("sagemaker").operation_model(operation).input_shape
    assert isinstance(shape, StructureShape)
    return shape


def output_shape(operation: str) -> StructureShape:
    shape = service_model("sagemaker").operation_model(operation).output_shape
    assert isinstance(shape, StructureShape)
    return shape


def check(
    arguments: Any, operation: str, fields: Fields, *, given_later: Collection[str] = ()
) -> None:
    """Raises Unparsed, and ValidationError for a member that labcloud does not have.

    `given_later` are the members that the execution sets.
    """
    shape = input_shape(operation)
    _check(arguments, shape, optional=given_later)
    fields.check(operation, arguments)


def _check(value: Any, shape: Shape, optional: Collection[str] = ()) -> None:
    if isinstance(shape, StructureShape):
        if not isinstance(value, dict):
            raise Unparsed("Expecting start of Json Object.")
        for name in value:
            if name not in shape.members:
                raise Unparsed(f"Unknown Argument member '{name}'.")
        for name in shape.required_members:
            if value.get(name) is None and name not in optional:
                raise Unparsed(f"Missing Argument member '{name}'.")
        for name, item in value.items():
            if item is not None:
                _check(item, shape.members[name])
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            raise Unparsed("Expecting start of Json Array.")
        for item in value:
            _check(item, shape.member)
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict) or is_expression(value):
            raise Unparsed("Expecting start of Json Object.")
        for item in value.values():
            _check(item, shape.value)
    elif not is_expression(value):
        _check_leaf(value, shape)


def _check_leaf(value: Any, shape: Shape) -> None:
    if wanted := unlike(value, shape):
        raise _failed(value, shape, f"type {wanted}")
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        raise _failed(value, shape, f"enum value set: [{', '.join(shape.enum)}]")


def _failed(value: Any, shape: Shape, constraint: str) -> Unparsed:
    """AWS's words for an enum, which name the shape; the same for all else."""
    shown = value if isinstance(value, str) else as_text(value)
    return Unparsed(
        f"Model Validation failed: Value '{shown[:200]}' for '{shape.name}' failed to satisfy "
        f"{constraint}"
    )


def assigned(value: Any, shape: Shape) -> Iterator[tuple[Reference, str]]:
    """What is asked for as the whole of a leaf, and the leaf's type, such as `Integer`.

    The arguments are checked already.
    """
    if is_expression(value):
        if GET in value and shape.type_name in _TYPES:
            yield Reference.parse(value[GET]), _TYPES[shape.type_name]
    elif isinstance(shape, StructureShape) and value is not None:
        for name, item in value.items():
            yield from assigned(item, shape.members[name])
    elif isinstance(shape, ListShape) and value is not None:
        for item in value:
            yield from assigned(item, shape.member)
    elif isinstance(shape, MapShape) and value is not None:
        for item in value.values():
            yield from assigned(item, shape.value)


def as_request(value: Any, shape: Shape) -> Any:
    """Evaluated arguments with the model's types, as far as a value of another type is the same.

    Numbers and truth values are text where the model has text. A number without a fraction is an
    integer, also where a program has written it as `2.0`.
    """
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            name: as_request(item, shape.members[name])
            for name, item in value.items()
            if item is not None and name in shape.members
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [as_request(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: as_request(item, shape.value) for key, item in value.items()}
    if shape.type_name == "string" and isinstance(value, (bool, int, float)):
        return as_text(value)
    if shape.type_name in ("integer", "long") and isinstance(value, float) and value.is_integer():
        return int(value)
    return value
