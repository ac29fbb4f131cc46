"""Holds a part of a request against the service model, as boto3 and AWS would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from botocore.validate import ParamValidator

from labhelpers.answers import NotYet

# A refusal names the values that are allowed, if they are not more than this many.
_FEW = 6


def need_shape(answer: Any, client: Any, shape: str) -> None:
    """Raises NotYet unless an answer fits a shape of the client's service: "VpcConfig".

    The message has boto3's own words about a request that it does not send, and says what AWS would
    refuse: values that are not in the list, too long, or do not match the pattern.
    """
    model = client.meta.service_model.shape_for(shape)
    report = ParamValidator().validate(answer, model)
    if report.has_errors():
        raise NotYet(f"boto3 would not send it. {report.generate_report()}.")
    for refusal in _refusals(answer, model, shape):
        raise NotYet(f"AWS would refuse it. {refusal}")


def _refusals(value: Any, shape: Any, name: str) -> Iterator[str]:
    """What AWS checks and boto3 does not. The value has the types of its shape."""
    limits = shape.metadata
    if shape.type_name == "structure":
        for member, part in value.items():
            yield from _refusals(part, shape.members[member], member)
        return
    if shape.type_name in ("list", "string") and len(value) > limits.get("max", len(value)):
        parts = "characters" if shape.type_name == "string" else "entries"
        yield f"{name} has {len(value)} {parts}, and may have {limits['max']} at most."
    if shape.type_name in ("integer", "float") and value > limits.get("max", value):
        yield f"{name} is {value}, and may be {limits['max']} at most."
    if shape.type_name == "list":
        for part in value:
            yield from _refusals(part, shape.member, name)
    elif shape.type_name == "string":
        allowed = limits.get("enum", [value])
        if value not in allowed:
            values = f": {', '.join(allowed)}" if len(allowed) <= _FEW else ""
            yield f"{name} is {value!r}, which is none of its values{values}."
        # AWS wants all of a text to match, though its patterns do not say so.
        elif not re.fullmatch(limits.get("pattern", ".*"), value, re.DOTALL):
            yield f"{name} is {value!r}, which does not match {limits['pattern']}"
