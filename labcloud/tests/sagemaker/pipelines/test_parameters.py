"""Parameters of a definition, and what an execution gives them."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.pipelines.parameters import parse_all, values_of
from labcloud.sagemaker.pipelines.problems import Unparsed

GIVEN = parse_all(
    [
        {"Name": "Count", "Type": "Integer", "DefaultValue": 1, "Description": "How many"},
        {"Name": "Rate", "Type": "Float", "DefaultValue": 1},
        {"Name": "Kind", "Type": "String", "EnumValues": ["a", "b"]},
        {"Name": "On", "Type": "Boolean", "DefaultValue": False},
    ]
)


def given(**values: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def test_values_are_typed_and_defaults_are_taken() -> None:
    assert values_of(GIVEN, given(Kind="b")) == {"Count": 1, "Rate": 1, "Kind": "b", "On": False}
    found = values_of(GIVEN, given(Count="7", Rate="1e-3", Kind="a", On="TRUE"))
    assert found == {"Count": 7, "Rate": 0.001, "Kind": "a", "On": True}
    for text, rate in (("+1.", 1.0), ("-.5E2", -50.0), ("007", 7.0)):
        assert values_of(GIVEN, given(Kind="a", Rate=text))["Rate"] == rate


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (given(), "have no default value, and need one: Kind"),
        (given(Kind="c"), r"'c' of parameter 'Kind' is not one of \[a, b\]"),
        (given(Kind="a", Other="b"), "The pipeline has no parameter 'Other'"),
        (given(Kind="a", Count="1.5"), "'1.5' of parameter 'Count' is not of type Integer"),
        (given(Kind="a", Count="1_000"), "'1_000' of parameter 'Count' is not of type Integer"),
        (given(Kind="a", Count=" 1"), "' 1' of parameter 'Count' is not of type Integer"),
        (given(Kind="a", Count="\u0661"), "of parameter 'Count' is not of type Integer"),
        (given(Kind="a", Rate="1_0.5"), "'1_0.5' of parameter 'Rate' is not of type Float"),
        (given(Kind="a", Rate="1.5\n"), "of parameter 'Rate' is not of type Float"),
        (given(Kind="a", Rate="\u0661.5"), "of parameter 'Rate' is not of type Float"),
        (given(Kind="a", Rate="1e999"), "'1e999' of parameter 'Rate' is not of type Float"),
        (given(Kind="a", On="1"), "'1' of parameter 'On' is not of type Boolean"),
        (given(Kind="a", Rate="nan"), "'nan' of parameter 'Rate' is not of type Float"),
        (given(Kind="a", Rate="-Infinity"), "'-Infinity' of parameter 'Rate' is not of type"),
        (given(Kind="a", Rate="1e999"), "'1e999' of parameter 'Rate' is not of type Float"),
        (given(Kind="a") * 2, "The parameter 'Kind' is given twice"),
    ],
)
def test_values_that_are_refused(values: list[dict[str, str]], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        values_of(GIVEN, values)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, "Expecting start of Json Array."),
        ([5], "Expecting start of Json Object."),
        ([{"Type": "String"}], "must have a Name"),
        ([{"Name": "A", "Type": "List"}], "must be one of String, Integer, Float, Boolean"),
        ([{"Name": "A", "Type": "String", "Size": 5}], "Unknown Parameter member 'Size'"),
        ([{"Name": "A", "Type": "Integer", "DefaultValue": "5"}], "cannot be '5'"),
        ([{"Name": "A", "Type": "Integer", "DefaultValue": True}], "cannot be True"),
        ([{"Name": "A", "Type": "Boolean", "DefaultValue": 1}], "cannot be 1"),
        ([{"Name": "A", "Type": "String", "DefaultValue": "x" * 4097}], "longer than 4096"),
        ([{"Name": "A", "Type": "String", "DefaultValue": "c", "EnumValues": ["a"]}], "EnumValue"),
        ([{"Name": "A", "Type": "String", "Description": 5}], "Description of parameter 'A' is a"),
        ([{"Name": "A", "Type": "String", "Description": "x" * 4097}], "a String of 4096"),
        ([{"Name": "A", "Type": "String", "EnumValues": "a"}], "Expecting start of Json Array."),
        ([{"Name": "A", "Type": "String"}] * 2, "Duplicate parameter name 'A'"),
        ([{"Name": f"A{n}", "Type": "String"} for n in range(201)], "can have 200 parameters"),
    ],
)
def test_parameters_that_are_refused(parameters: Any, said: str) -> None:
    with pytest.raises(Unparsed, match=said):
        parse_all(parameters)
