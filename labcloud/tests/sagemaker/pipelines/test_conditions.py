"""Whether conditions hold, and which are none."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.sagemaker.pipelines import conditions
from labcloud.sagemaker.pipelines.problems import Unparsed, Unresolved


def compared(kind: str, left: Any, right: Any) -> dict[str, Any]:
    return {"Type": kind, "LeftValue": left, "RightValue": right}


def one_of(value: Any, *values: Any) -> dict[str, Any]:
    return {"Type": "In", "QueryValue": value, "Values": list(values)}


YES, NO = compared("Equals", 1, 1), compared("Equals", 1, 2)


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        ([], True),
        ([YES, NO], False),
        ([compared("Equals", "a", "a")], True),
        ([compared("Equals", 6, 6.0)], True),
        ([compared("Equals", "6", 6)], False),
        ([compared("Equals", True, 1)], False),
        ([compared("GreaterThan", 2, 1.5)], True),
        ([compared("GreaterThan", 2, 2)], False),
        ([compared("GreaterThanOrEqualTo", 2, 2)], True),
        ([compared("LessThan", 1, 2)], True),
        ([compared("LessThanOrEqualTo", 2.5, 2)], False),
        ([compared("LessThan", "a", "b")], True),
        ([one_of("a", "b", "a")], True),
        ([one_of(1, True, "1")], False),
        ([{"Type": "Not", "Condition": NO}], True),
        ([{"Type": "Or", "Conditions": [NO, YES]}], True),
        ([{"Type": "Or", "Conditions": []}], False),
        ([{"Type": "Not", "Condition": {"Type": "Or", "Conditions": [NO, NO]}}], True),
    ],
)
def test_whether_all_hold(given: Any, holds: bool) -> None:
    conditions.check_all(given)
    assert conditions.hold(given) is holds


@pytest.mark.parametrize(
    ("left", "right"), [(1, "2"), ("a", 1.0), (True, 0), (None, 1), ([1], [2])]
)
def test_what_cannot_be_compared(left: Any, right: Any) -> None:
    with pytest.raises(Unresolved, match="GreaterThan cannot compare"):
        conditions.hold([compared("GreaterThan", left, right)])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Expecting start of Json Array."),
        ([5], "Expecting start of Json Object."),
        ([{"Type": "Near"}], "Unknown condition type 'Near'"),
        ([{**YES, "Values": []}], "Unknown Argument member 'Values'"),
        ([{"Type": "Equals", "LeftValue": 1}], "must have RightValue"),
        ([compared("Equals", {"a": 1}, 1)], "must be a scalar"),
        ([{"Type": "In", "QueryValue": 1, "Values": 1}], "Expecting start of Json Array."),
        ([one_of(1, [1])], "must be a scalar"),
        ([{"Type": "Not", "Condition": []}], "Expecting start of Json Object."),
        ([{"Type": "Or", "Conditions": YES}], "Expecting start of Json Array."),
    ],
)
def test_what_is_no_condition(given: Any, said: str) -> None:
    with pytest.raises(Unparsed, match=said):
        conditions.check_all(given)


def test_how_deep_they_can_be() -> None:
    given = YES
    for _ in range(60):
        given = {"Type": "Not", "Condition": given}
    with pytest.raises(Unparsed, match="deep"):
        conditions.check(given)
