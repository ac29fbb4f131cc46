"""No definition is an internal error: any JSON in any place is taken, or refused in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from labcloud.aws.s3.objects import Objects
from labcloud.sagemaker.errors import ApiError
from labcloud.sagemaker.pipelines import cache, retries
from labcloud.sagemaker.pipelines.checks import checked
from labcloud.sagemaker.pipelines.executions import experiment_of
from labcloud.sagemaker.pipelines.parameters import values_of
from labcloud.sagemaker.pipelines.problems import Unparsed
from labcloud.sagemaker.pipelines.retries import Retries
from labcloud.sagemaker.pipelines.scope import ExecutionScope

from .test_definitions import FILE, condition, fail, get, processing, refusal, step, text

VALUES: list[Any] = [
    None, True, 0, -1, 1.5, 10**400, "", "x", "1_000", "9" * 5000 + "d", [], [[]], ["x"], [{}],
    {}, {"a": {}}, {"Get": []}, {"Get": {}}, {"Get": "x"}, {"Get": "Execution.PipelineName"},
    {"Get": "Execution.TrainingJobName"}, {"Get": "Steps.A.ProcessingJobName"},
    {"Get": "Steps['.PropertyFiles'].x"}, {"Get": "Parameters.P"}, {"Std:Join": []},
    {"Std:Join": {"Values": [[], {}]}}, {"Std:Join": {"On": [], "Values": []}}, {"Std:JsonGet": []},
    {"Std:JsonGet": {"Path": [], "S3Uri": "s3://b/k"}},
    {"Std:JsonGet": {"Path": "a", "PropertyFile": get("Steps.A.Environment['.PropertyFiles']")}},
    {"Std:JsonGet": {"Path": "a", "S3Uri": {}}}, {"Std:JsonGet": {"Path": "a", "S3Uri": "s3://b/k"}},
]  # fmt: skip


def whole() -> dict[str, Any]:
    """A definition with all members of all parts."""
    policy = {"ExceptionType": [retries.THROTTLING], "IntervalSeconds": 1, "BackoffRate": 2.0,
              "MaxAttempts": 2}  # fmt: skip
    outputs = [{"OutputName": "o", "OutputType": "String"}]
    join = {"Std:Join": {"On": "-", "Values": ["a", get("Execution.PipelineName")]}}
    report = {"Std:JsonGet": {"PropertyFile": get("Steps.A.PropertyFiles.Report"), "Path": "a"}}
    kinds = [
        {"Type": "Equals", "LeftValue": report, "RightValue": join},
        {"Type": "In", "QueryValue": 1, "Values": [1]},
        {"Type": "Not", "Condition": {"Type": "Or", "Conditions": [
            {"Type": "LessThan", "LeftValue": 1, "RightValue": 2}]}},
    ]  # fmt: skip
    found: dict[str, Any] = json.loads(
        text(
            step(PropertyFiles=[FILE], RetryPolicies=[policy], DisplayName="d", Description="e",
                 CacheConfig={"Enabled": True, "ExpireAfter": "30d"},
                 arguments=processing(Environment={"E": join})),
            step("L", "Lambda", {"a": 1}, FunctionArn="f", OutputParameters=outputs),
            step("Q", "Callback", {"a": 1}, SqsQueueUrl="q", OutputParameters=outputs),
            condition("C", *kinds, then=[fail("F", join)], otherwise=[fail("G")]),
            step("W", "Lambda", {}, FunctionArn="f",
                 DependsOn=["A", {"Step": "C", "Trigger": "Failed"}]),
            step("R", "RegisterModel", {"ModelPackageGroupName": "g"}),
            step("E", "Endpoint", {"EndpointName": "e", "EndpointConfigName": "c"}),
            Metadata={"a": 1},
            Parameters=[
                {"Name": "P", "Type": "String", "DefaultValue": "a", "EnumValues": ["a"]},
                {"Name": "I", "Type": "Integer", "DefaultValue": 1},
                {"Name": "F", "Type": "Float", "DefaultValue": 1.5},
                {"Name": "B", "Type": "Boolean", "DefaultValue": True}],
            PipelineExperimentConfig={"ExperimentName": join, "TrialName": "t"},
        )
    )  # fmt: skip
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, (dict, list)):
            yield from places(item, (*path, key))
        else:
            yield (*path, key)


def put(whole: Any, path: tuple[Any, ...], value: Any) -> str:
    """The text with a value in a place of `whole`, which is as before then."""
    inside = whole
    for key in path[:-1]:
        inside = inside[key]
    former, inside[path[-1]] = inside[path[-1]], value
    found = json.dumps(whole)
    inside[path[-1]] = former
    return found


def test_the_whole_is_taken() -> None:
    assert len(checked(json.dumps(whole())).steps) == 9


@pytest.mark.parametrize("value", VALUES, ids=lambda value: json.dumps(value)[:30])
def test_any_json_in_any_place(value: Any) -> None:
    given = whole()
    for path in list(places(given)):
        mutated = put(given, path, value)
        try:
            definition = checked(mutated)
        except ApiError as error:
            assert error.status < 500
            continue
        # What begins with its start, before any step runs.
        for each in definition.steps.values():
            cache.seconds((each.body.get("CacheConfig") or {}).get("ExpireAfter") or "")
            Retries(each.body.get("RetryPolicies") or []).pause(retries.THROTTLING)
        parameters = {n: p.default for n, p in definition.parameters.items()}
        if None not in parameters.values():
            values = values_of(definition.parameters, [])
            scope = ExecutionScope(cast(Objects, None), values, {"PipelineName": "Pipe"}, {})
            found = experiment_of(definition, scope) or {}
            assert all(isinstance(name, str) for name in found.values()), path


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (text(step(DisplayName="\ud800")), "It is not valid JSON: half a surrogate pair"),
        (text(step(DisplayName="a\0b")), "It has the character NUL"),
        (text(step("L", "Lambda", {"a\0": 1}, FunctionArn="f")), "It has the character NUL"),
        (f'{{"Version": "2020-12-01", "Metadata": {"[" * 300}{"]" * 300}}}', "It can be 200 deep"),
        (text(step(), PipelineExperimentConfig={"TrialName": get("Steps.A.ProcessingJobName")}),
         "PipelineExperimentConfig refers to 'Steps.A.ProcessingJobName', which has no value when"),
        (text(step(), PipelineExperimentConfig={"TrialName": get("Execution.TrainingJobName")}),
         "PipelineExperimentConfig refers to 'Execution.TrainingJobName', which has no value when"),
        (text(step(), PipelineExperimentConfig={"TrialName": {"Std:JsonGet": {
            "Path": "a", "S3Uri": "s3://b/k"}}}), "PipelineExperimentConfig has a Std:JsonGet"),
        (text(step(), PipelineExperimentConfig={"ExperimentName": ["a"]}),
         "ExperimentName of PipelineExperimentConfig must be a String, or an expression."),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_could_not_be_handed_on(given: str, said: str) -> None:
    assert refusal(given).startswith(said)


def test_a_backslash_before_u0000_is_a_text() -> None:
    checked(text(step(DisplayName="a\\u0000b")))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ({"Type": []}, "The Type of parameter 'P' must be one of"),
        ({"Name": "a b"}, "The Name of a parameter must match"),
        ({"Name": "x" * 65}, "The Name of a parameter must match"),
    ],
)
def test_parameters_that_are_refused(kind: Any, said: str) -> None:
    parameter = {"Name": "P", "Type": "String", **kind}
    with pytest.raises(Unparsed, match=said):
        checked(text(step(), Parameters=[parameter]))
