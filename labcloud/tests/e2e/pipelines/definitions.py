"""Definitions of pipelines, part by part, and what becomes of their executions."""

from __future__ import annotations

import json
from typing import Any

from labcloud_support.life import eventually
from labcloud_support.resources import ROLE

OVER = ("Succeeded", "Failed", "Stopped", "CompletedWithFailures")


def definition(*steps: Any, parameters: Any = (), **members: Any) -> str:
    """The JSON of a definition. Keywords are further members of it."""
    return json.dumps(
        {
            "Version": "2020-12-01",
            "Metadata": {},
            "Parameters": list(parameters),
            "Steps": list(steps),
            **members,
        }
    )


def step(name: str, kind: str, arguments: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "Arguments": arguments, **members}


def get(text: str) -> dict[str, str]:
    return {"Get": text}


def join(*values: Any, on: str = "") -> dict[str, Any]:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def compared(kind: str, left: Any, right: Any) -> dict[str, Any]:
    return {"Type": kind, "LeftValue": left, "RightValue": right}


def condition(
    name: str, *conditions: Any, then: Any = (), otherwise: Any = (), **members: Any
) -> dict[str, Any]:
    arguments = {
        "Conditions": list(conditions), "IfSteps": list(then), "ElseSteps": list(otherwise),
    }  # fmt: skip
    return step(name, "Condition", arguments, **members)


def fail(name: str, message: Any = "no", **members: Any) -> dict[str, Any]:
    return step(name, "Fail", {"ErrorMessage": message}, **members)


class Pipelines:
    """What a test does with pipelines, by boto3."""

    def __init__(self, sagemaker: Any) -> None:
        self.sagemaker = sagemaker

    def create(self, name: str, text: str, **members: Any) -> str:
        arn: str = self.sagemaker.create_pipeline(
            PipelineName=name, PipelineDefinition=text, RoleArn=ROLE, **members
        )["PipelineArn"]
        return arn

    def start(self, name: str, parameters: dict[str, str] | None = None, **members: Any) -> str:
        given = [{"Name": name, "Value": value} for name, value in (parameters or {}).items()]
        arn: str = self.sagemaker.start_pipeline_execution(
            PipelineName=name, PipelineParameters=given, **members
        )["PipelineExecutionArn"]
        return arn

    def ended(self, arn: str) -> dict[str, Any]:
        """The description of an execution that is over."""

        def look() -> Any:
            found = self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
            return found if found["PipelineExecutionStatus"] in OVER else None

        found: dict[str, Any] = eventually(look, f"{arn} is over")
        return found

    def run(self, name: str, *arguments: Any, **members: Any) -> tuple[str, dict[str, Any]]:
        """An execution from its start to its end: its status, and its steps by name."""
        arn = self.start(name, *arguments, **members)
        return self.ended(arn)["PipelineExecutionStatus"], self.steps(arn)

    def steps(self, arn: str) -> dict[str, Any]:
        found = self.sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
            PipelineExecutionArn=arn
        )
        return {each["StepName"]: each for page in found for each in page["PipelineExecutionSteps"]}
