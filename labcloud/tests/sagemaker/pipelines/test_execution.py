"""Executions in this process: any definition runs as its graph says; Lambda steps."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labcloud.aws.s3.uris import Location
from labcloud.cloud import Cloud
from labcloud.functions.asked import Answered, FunctionError
from labcloud.sagemaker.pipelines import api, executions, records
from labcloud.sagemaker.pipelines.resource import EXECUTION
from labcloud_support.clouds import LocalCloud
from labcloud_support.theatre import Theatre

ROLE = "arn:aws:iam::123456789012:role/any"
TOKEN = "0" * 32
_NUMBERS = count()


class Functions:
    """Lambda as a test wants it: `answers` by the name of the function, and who was asked."""

    def __init__(self, answers: dict[str, Callable[[Any], Any]]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Any]] = []

    def allows(self, function: str, principal: str, source_arn: str) -> bool:
        return True

    async def invoke(self, function: str, payload: bytes) -> Answered:
        if function not in self.answers:
            raise FunctionError("ResourceNotFoundException", f"Function not found: {function}", 404)
        event = json.loads(payload)
        self.asked.append((function, event))
        await asyncio.sleep(0)
        try:
            answer = self.answers[function](event)
        except ValueError as error:
            said = {"errorMessage": str(error), "errorType": "ValueError"}
            return Answered(json.dumps(said).encode(), "Unhandled")
        return Answered(json.dumps(answer).encode(), None)


async def run(cloud: Cloud, name: str, text: str) -> tuple[str, dict[str, Any]]:
    """An execution of a new pipeline: its status, and the records of its steps."""
    made = {"PipelineName": name, "PipelineDefinition": text, "RoleArn": ROLE}
    await api.create(cloud, {**made, "ClientRequestToken": TOKEN})
    request = {"PipelineName": name, "ClientRequestToken": TOKEN}
    arn = (await executions.start(cloud, request))["PipelineExecutionArn"]
    execution = EXECUTION.name_of(cloud, arn)
    await asyncio.wait([cloud.tasks[EXECUTION.kind, execution]])
    found = {each["StepName"]: each for each in records.steps(cloud, execution).values()}
    assert len(found) == len(records.steps(cloud, execution))
    return EXECUTION.find(cloud, execution)["PipelineExecutionStatus"], found


def text(*steps: Any) -> str:
    return json.dumps({"Version": "2020-12-01", "Steps": list(steps)})


def function(name: str, arn: str, **members: Any) -> dict[str, Any]:
    outputs = [{"OutputName": "it", "OutputType": "Integer"}]
    return {"Name": name, "Type": "Lambda", "FunctionArn": arn, "OutputParameters": outputs,
            "Arguments": {}, **members}  # fmt: skip


# ---- any definition ---------------------------------------------------------------------------


@st.composite
def definitions(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Lambda, Condition and Fail steps, nested and in any order, and what is true of each.

    By step: the steps whose success it needs, its condition and branch, and how it ends.
    """
    facts: dict[str, Any] = {}

    def some(before: list[str]) -> list[str]:
        return draw(st.lists(st.sampled_from(before), unique=True, max_size=2)) if before else []

    def steps(depth: int, branch: Any, most: int) -> list[dict[str, Any]]:
        made = []
        for _ in range(draw(st.integers(0 if depth else 1, most))):
            usable = [each for each, fact in facts.items() if fact["kind"] != "Fail"]
            functions = [each for each in usable if facts[each]["kind"] == "Lambda"]
            name = f"S{len(facts)}"
            kind = draw(st.sampled_from(["Lambda", "Lambda", "Lambda", "Condition", "Fail"]))
            fact = facts[name] = {"kind": kind, "branch": branch, "needs": set(), "ends": True}
            waits = some(usable)
            fact["needs"] |= set(waits)
            members: dict[str, Any] = {"DependsOn": waits} if waits else {}
            if kind == "Lambda":
                used = some(functions)
                fact["needs"] |= set(used)
                fact["ends"] = draw(st.integers(0, 4)) > 0
                values = [{"Get": f"Steps.{each}.OutputParameters['it']"} for each in used]
                made.append(
                    function(name, "good" if fact["ends"] else "bad", **members)
                    | {"Arguments": {"name": name, "values": values}}
                )
            elif kind == "Fail":
                fact["ends"] = False
                made.append({"Name": name, "Type": "Fail", "Arguments": {}, **members})
            else:
                fact["outcome"] = draw(st.booleans())
                value = {"Type": "Equals", "LeftValue": 1, "RightValue": int(fact["outcome"])}
                inside = [
                    steps(depth + 1, (name, taken), 2) if depth < 2 else []
                    for taken in (True, False)
                ]
                arguments = {"Conditions": [value], "IfSteps": inside[0], "ElseSteps": inside[1]}
                made.append({"Name": name, "Type": "Condition", "Arguments": arguments, **members})
        return draw(st.permutations(made))

    return steps(0, None, 6), facts


def may_run(name: str, facts: dict[str, Any]) -> bool:
    """Whether all that a step waits for comes to what it needs, and its branches are taken."""
    fact = facts[name]
    if not all(may_run(each, facts) and facts[each]["ends"] for each in fact["needs"]):
        return False
    if fact["branch"] is None:
        return True
    condition, taken = fact["branch"]
    return may_run(condition, facts) and facts[condition]["outcome"] is taken


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(made=definitions())
def test_each_step_runs_once_in_its_order_and_no_branch_that_is_not_taken(
    local: tuple[LocalCloud, Theatre], made: tuple[list[dict[str, Any]], dict[str, Any]]
) -> None:
    stage, theatre = local
    given_steps, facts = made
    stage.cloud.functions = functions = Functions(
        {"good": lambda event: {"it": 1}, "bad": lambda event: {"other": 1}}
    )
    name = f"p{next(_NUMBERS)}"
    status, found = theatre.play(run(stage.cloud, name, text(*given_steps)))
    asked = [event["name"] for _, event in functions.asked]
    assert len(asked) == len(set(asked))
    assert set(asked) == {each for each in found if facts[each]["kind"] == "Lambda"}
    allowed = {each for each in facts if may_run(each, facts)}
    assert set(found) <= allowed
    if not any(facts[each]["kind"] == "Fail" for each in found):
        # Nothing ends an execution early but a Fail step.
        assert set(found) == allowed
    for each, record in found.items():
        assert record["StepStatus"] == ("Succeeded" if facts[each]["ends"] else "Failed")
        branch = facts[each]["branch"]
        waits = facts[each]["needs"] | ({branch[0]} if branch else set())
        for other in waits:
            assert found[other]["EndTime"] <= record["StartTime"]
    failed = any(not facts[each]["ends"] for each in found)
    assert status == ("Failed" if failed else "Succeeded")


# ---- Lambda steps -----------------------------------------------------------------------------


def refuse(event: Any) -> Any:
    raise ValueError("not this")


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        ("nobody", "Failed to invoke lambda:Invoke. Error Details: Function not found: nobody"),
        ("raises", "Lambda function failed: ValueError: not this"),
        ("text", "The Lambda function did not return a JSON object"),
        ("nothing", "The Lambda function did not return the output it of type Integer"),
        ("half", "The Lambda function did not return a JSON object"),
        ("wrong", "The Lambda function did not return the output it of type Integer"),
        ("no number", "The Lambda function did not return valid JSON: Non-standard token 'NaN'"),
    ],
)
def test_functions_that_fail_a_step(
    local: tuple[LocalCloud, Theatre], arn: str, reason: str
) -> None:
    stage, theatre = local
    stage.cloud.functions = Functions(
        {"raises": refuse, "text": lambda _: "a", "nothing": lambda _: {},
         "half": lambda _: {"it": 1, "no character": "\ud800"},
         "wrong": lambda _: {"it": "5"}, "no number": lambda _: {"it": math.nan}}
    )  # fmt: skip
    status, found = theatre.play(run(stage.cloud, f"p{next(_NUMBERS)}", text(function("A", arn))))
    assert (status, found["A"]["FailureReason"]) == ("Failed", f"ClientError: {reason}")
    assert found["A"]["Metadata"] == {"Lambda": {"Arn": arn}}


def test_a_function_gets_its_arguments_and_its_answer_is_used(
    local: tuple[LocalCloud, Theatre],
) -> None:
    stage, theatre = local
    stage.cloud.functions = functions = Functions({"f": lambda event: {"it": event["n"] + 1}})
    first = function("A", "f") | {"Arguments": {"n": 1}}
    value = {"Get": "Steps.A.OutputParameters['it']"}
    second = function("B", "f") | {"Arguments": {"n": value}}
    status, found = theatre.play(run(stage.cloud, f"p{next(_NUMBERS)}", text(second, first)))
    assert status == "Succeeded"
    assert [event for _, event in functions.asked] == [{"n": 1}, {"n": 2}]
    assert found["B"]["Metadata"]["Lambda"] == {
        "Arn": "f", "OutputParameters": [{"Name": "it", "Value": "3"}]
    }  # fmt: skip


def test_half_a_character_in_a_file_fails_the_step_that_reads_it(
    local: tuple[LocalCloud, Theatre],
) -> None:
    stage, theatre = local
    stage.cloud.objects._backend.create_bucket("half", "us-east-1")
    file = stage.folder / "file.json"
    file.write_text('{"a": "\\ud800"}')
    stage.cloud.objects.upload(file, Location("half", "file.json"))
    message = {"Std:JsonGet": {"S3Uri": "s3://half/file.json", "Path": "a"}}
    step = {"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": message}}
    _, found = theatre.play(run(stage.cloud, f"p{next(_NUMBERS)}", text(step)))
    stage.cloud.objects._backend.delete_object("half", "file.json")
    stage.cloud.objects._backend.delete_bucket("half")
    assert found["F"]["FailureReason"] == (
        "ClientError: The file s3://half/file.json cannot be read: it is not valid JSON"
    )


def test_without_lambda_there_is_no_function(local: tuple[LocalCloud, Theatre]) -> None:
    stage, theatre = local
    stage.cloud.functions = None
    _, found = theatre.play(run(stage.cloud, f"p{next(_NUMBERS)}", text(function("A", "f"))))
    assert "Function not found: f" in found["A"]["FailureReason"]
