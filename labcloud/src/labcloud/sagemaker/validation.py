"""Checks a request against botocore's model of the operation, and words the refusal as AWS does.

No constraint is typed in here: required members, lengths, ranges, patterns and enums are all read
from the service model. What a single request cannot show (names taken, data missing) is checked
by the resource's own module.
"""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Iterator
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from dateutil import parser as dates

from labcloud.sagemaker.errors import SerializationError, ValidationError

# A pattern of the model may backtrack; no honest value takes it this long (seconds).
_PATTERN_TIMEOUT = 1.0
# A value that is much longer than it can be is cut in the message, and not looked at any further
# (characters).
_LONGEST_SHOWN = 10_000
_SURROGATES = regex.compile(r"\\u(D[89AB]..)\\u(D[C-F]..)", regex.IGNORECASE)
_NUMBERS: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
}


def validate(value: Any, shape: Shape) -> Any:
    """Returns `value` (decoded JSON) with unknown members dropped and timestamps as epoch seconds.

    Raises SerializationError for a value of the wrong type, ValidationError with AWS's wording
    ("2 validation errors detected: …; …") for values outside the model's constraints.
    """
    typed = _typed(value, shape, "request")
    problems = list(_problems(typed, shape, ""))
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: "
        raise ValidationError(count + "; ".join(problems))
    return typed


def unknown(value: Any, shape: Shape, path: str = "") -> Iterator[tuple[str, Any]]:
    """Members of a valid `value` that the model does not have: their paths, and what they hold."""
    if isinstance(shape, ListShape):
        for item in value:
            yield from unknown(item, shape.member, path)
    elif isinstance(shape, StructureShape):
        for name, item in value.items():
            below = f"{path}.{name}" if path else name
            if name not in shape.members:
                yield below, item
            elif item is not None:
                yield from unknown(item, shape.members[name], below)


def _typed(value: Any, shape: Shape, path: str) -> Any:
    """The value with the model's types, or a SerializationError."""
    kind = shape.type_name
    if isinstance(shape, StructureShape):
        if not isinstance(value, dict):
            raise _unexpected(path, "an object")
        return {
            name: _typed(value[name], member, f"{path}.{name}")
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        if not isinstance(value, list):
            raise _unexpected(path, "a list")
        return [_typed(item, shape.member, f"{path}[{i}]") for i, item in enumerate(value)]
    if isinstance(shape, MapShape):
        if not isinstance(value, dict):
            raise _unexpected(path, "a map")
        return {key: _typed(item, shape.value, f"{path}.{key}") for key, item in value.items()}
    if kind == "string":
        if not isinstance(value, str):
            raise _unexpected(path, "a string")
    elif kind == "boolean":
        if not isinstance(value, bool):
            raise _unexpected(path, "a boolean")
    elif kind in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, _NUMBERS[kind]):
            raise _unexpected(path, f"a number of type {kind}")
        if isinstance(value, float) and not math.isfinite(value):
            raise _unexpected(path, f"a finite number of type {kind}")
    elif kind == "timestamp":
        return _timestamp(value, path)
    return value


def _timestamp(value: Any, path: str) -> float:
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = float(value)
        else:
            moment = dates.parse(value)
            seconds = moment.replace(tzinfo=moment.tzinfo or datetime.UTC).timestamp()
    except (TypeError, ValueError, OverflowError) as error:
        raise _unexpected(path, "a timestamp") from error
    if not math.isfinite(seconds):
        raise _unexpected(path, "a timestamp")
    return seconds


def _unexpected(path: str, wanted: str) -> SerializationError:
    return SerializationError(f"The value at '{path}' must be {wanted}")


def _problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for name in shape.required_members:
            if name not in value:
                yield _said("null", _join(path, name), "Member must not be null")
        for name, item in value.items():
            yield from _problems(item, shape.members[name], _join(path, name))
    elif isinstance(shape, ListShape):
        yield from _size(value, shape, path)
        if _is_leaf(shape.member):
            yield from _elements(value, value, shape.member, path, "Member must satisfy constraint")
        else:
            for number, item in enumerate(value, start=1):
                yield from _problems(item, shape.member, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        yield from _size(value, shape, path)
        yield from _elements(value, value, shape.key, path, "Map keys must satisfy constraint")
        if _is_leaf(shape.value):
            yield from _elements(
                value.values(), value, shape.value, path, "Map value must satisfy constraint"
            )
        else:
            for key, item in value.items():
                yield from _problems(item, shape.value, f"{path}.{key}.member")
    else:
        for constraint in _leaf(value, shape):
            yield _said(_shown(value), path, constraint)


def unlike(value: Any, shape: Shape) -> str:
    """What a leaf must be that it is not, such as `string`; empty where its type is right."""
    try:
        _typed(value, shape, "")
    except SerializationError:
        return str(shape.type_name)
    return ""


def _elements(items: Any, whole: Any, shape: Shape, path: str, prefix: str) -> Iterator[str]:
    """Leaves inside a list or map: AWS names the whole collection and all constraints at once."""
    if any(True for item in items for _ in _leaf(item, shape)):
        yield _said(_shown(whole), path, f"{prefix}: [{', '.join(_constraints(shape))}]")


def _size(value: Any, shape: Shape, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if most is not None and len(value) > most:
        yield _said(_shown(value), path, f"Member must have length less than or equal to {most}")
    if least is not None and len(value) < least:
        yield _said(
            _shown(value), path, f"Member must have length greater than or equal to {least}"
        )


def _leaf(value: Any, shape: Shape) -> Iterator[str]:
    """The constraints of a leaf that the value does not meet."""
    metadata = shape.metadata
    least, most = metadata.get("min"), metadata.get("max")
    if isinstance(shape, StringShape):
        if shape.enum:
            if value not in shape.enum:
                yield _enum(shape)
            return
        if most is not None and len(value) > most:
            yield f"Member must have length less than or equal to {most}"
        if least is not None and len(value) < least:
            yield f"Member must have length greater than or equal to {least}"
        too_long = most is not None and len(value) > most + _LONGEST_SHOWN
        if not too_long and (pattern := metadata.get("pattern")):
            try:
                matches = _compiled(pattern).fullmatch(value, timeout=_PATTERN_TIMEOUT)
            except TimeoutError:
                matches = None
            if not matches:
                yield f"Member must satisfy regular expression pattern: {pattern}"
    elif shape.type_name in _NUMBERS:
        if most is not None and value > most:
            yield f"Member must have value less than or equal to {most}"
        if least is not None and value < least:
            yield f"Member must have value greater than or equal to {least}"


def _constraints(shape: Shape) -> Iterator[str]:
    """All constraints of a leaf, as AWS lists them for members of lists and maps."""
    metadata = shape.metadata
    if isinstance(shape, StringShape) and shape.enum:
        yield _enum(shape)
        return
    if "max" in metadata:
        yield f"Member must have length less than or equal to {metadata['max']}"
    if "min" in metadata:
        yield f"Member must have length greater than or equal to {metadata['min']}"
    if "pattern" in metadata:
        yield f"Member must satisfy regular expression pattern: {metadata['pattern']}"


def _enum(shape: StringShape) -> str:
    return f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"


def _is_leaf(shape: Shape) -> bool:
    return not isinstance(shape, (StructureShape, ListShape, MapShape))


def _said(value: str, path: str, constraint: str) -> str:
    if len(value) > _LONGEST_SHOWN:
        value = f"{value[:_LONGEST_SHOWN]}..."
    shown = value if value == "null" else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _shown(value: Any) -> str:
    """A value as the service prints it, which is Java's way: [a, b] and {k=v}."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return str(value)


def _join(path: str, name: str) -> str:
    member = name[0].lower() + name[1:]
    return f"{path}.{member}" if path else member


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    # The model's patterns are Java's; the regex module reads them as they are (\p{L}, …), but for
    # two surrogates that Java takes as one character.
    return regex.compile(_SURROGATES.sub(_character, pattern))


def _character(pair: regex.Match[str]) -> str:
    high, low = (int(pair[number], 16) for number in (1, 2))
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"
