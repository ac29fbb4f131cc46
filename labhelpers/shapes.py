"""Holds a part of a request against the service model, as boto3 and AWS would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from botocore.validate import ParamValidator

from labhelpers.answers import NotYet


def need_shape(answer: Any, client: Any, shape: str) -> None:
    """Raises NotYet unless an answer fits a shape of the client's service: "VpcConfig".

    The message has boto3's own words about a request that it does not send. Of what only AWS
    refuses, it finds values that are not in the list of values, and those that match no pattern.
    """
    model = client.meta.service_model.shape_for(shape)
    report = ParamValidator().validate(answer, model)
    if report.has_errors():
        raise NotYet(f"boto3 would not send it. {report.generate_report()}.")
    for refusal in _refusals(answer, model, shape):
        raise NotYet(f"AWS would refuse it. {refusal}")


def _refusals(value: Any, shape: Any, name: str) -> Iterator[str]:
    """What AWS checks and boto3 does not. The value has the types of its shape."""
    if shape.type_name == "structure":
        for member, part in value.items():
            yield from _refusals(part, shape.members[member], member)
    elif shape.type_name == "list":
        for part in value:
            yield from _refusals(part, shape.member, name)
    elif shape.type_name == "string":
        allowed = shape.metadata.get("enum", [value])
        if value not in allowed:
            # There are hundreds of instance types.
            values = f": {', '.join(allowed)}" if len(allowed) < 9 else ""
            yield f"{name} is {value!r}, which is none of its values{values}."
        # AWS wants all of a text to match, though its patterns do not say so.
        pattern = shape.metadata.get("pattern", ".*")
        if not re.fullmatch(pattern, value, re.DOTALL):
            yield f"{name} is {value!r}, which does not match {pattern}"
