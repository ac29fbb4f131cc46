"""The conditions of a Condition step: their grammar, and whether they hold."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from labcloud.sagemaker.pipelines.expressions import is_expression
from labcloud.sagemaker.pipelines.problems import Unparsed, Unresolved

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
_MEMBERS: dict[str, set[str]] = {
    **{kind: {"LeftValue", "RightValue"} for kind in _COMPARED},
    "In": {"QueryValue", "Values"},
    "Not": {"Condition"},
    "Or": {"Conditions"},
}
# How deep they can be in each other.
_DEEPEST = 50


def check(condition: Any, depth: int = 1) -> None:
    """Raises Unparsed for what is no condition."""
    if not isinstance(condition, dict):
        raise Unparsed("Expecting start of Json Object.")
    if depth > _DEEPEST:
        raise Unparsed(f"Conditions can be {_DEEPEST} deep.")
    kind = condition.get("Type")
    if not isinstance(kind, str) or kind not in _MEMBERS:
        raise Unparsed(f"Unknown condition type '{kind!s:.100}'.")
    wanted = _MEMBERS[kind]
    for member in condition.keys() - wanted - {"Type"}:
        raise Unparsed(f"Unknown Argument member '{member}'.")
    for member in wanted - condition.keys():
        raise Unparsed(f"A condition of type {kind} must have {member}.")
    if kind == "Not":
        check(condition["Condition"], depth + 1)
    elif kind == "Or":
        check_all(condition["Conditions"], depth + 1)
    elif kind == "In":
        if not isinstance(condition["Values"], list):
            raise Unparsed("Expecting start of Json Array.")
        for each in (condition["QueryValue"], *condition["Values"]):
            _check_value(each)
    else:
        _check_value(condition["LeftValue"])
        _check_value(condition["RightValue"])


def check_all(conditions: Any, depth: int = 1) -> None:
    """Raises Unparsed."""
    if not isinstance(conditions, list):
        raise Unparsed("Expecting start of Json Array.")
    for each in conditions:
        check(each, depth)


def _check_value(value: Any) -> None:
    if isinstance(value, (dict, list)) and not is_expression(value):
        raise Unparsed("A value of a condition must be a scalar, or an expression.")


def hold(conditions: list[dict[str, Any]]) -> bool:
    """Whether all of them do; their expressions have been evaluated. Raises Unresolved."""
    return all(_holds(each) for each in conditions)


def _holds(condition: dict[str, Any]) -> bool:
    kind = condition["Type"]
    if kind == "Not":
        return not _holds(condition["Condition"])
    if kind == "Or":
        return any(_holds(each) for each in condition["Conditions"])
    if kind == "In":
        asked = condition["QueryValue"]
        return any(_same(asked, value) for value in condition["Values"])
    left, right = condition["LeftValue"], condition["RightValue"]
    if kind == "Equals":
        return _same(left, right)
    if not _comparable(left, right):
        raise Unresolved(
            f"The condition {kind} cannot compare {left!r} ({_type(left)}) with "
            f"{right!r} ({_type(right)})"
        )
    return _COMPARED[kind](left, right)


def _same(left: Any, right: Any) -> bool:
    # To Python, true is 1.
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _comparable(left: Any, right: Any) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str)
    numbers = all(isinstance(each, (int, float)) for each in (left, right))
    return numbers and not isinstance(left, bool) and not isinstance(right, bool)


def _type(value: Any) -> str:
    return {str: "String", bool: "Boolean", int: "Integer", float: "Float"}.get(
        type(value), "neither a number nor a text"
    )
