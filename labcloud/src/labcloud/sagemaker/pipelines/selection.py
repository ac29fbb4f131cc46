"""Selective execution: some steps run, and what they need of others comes from a former execution.

Follows "Selective execution of pipeline steps" of the developer guide.
"""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ValidationError
from labcloud.sagemaker.pipelines import records
from labcloud.sagemaker.pipelines.definition import Definition
from labcloud.sagemaker.pipelines.graph import waits_for
from labcloud.sagemaker.pipelines.resource import EXECUTION, pipeline_of
from labcloud.sagemaker.resource import Request
from labcloud.state.records import Record


def selected(request: Request) -> list[str] | None:
    """The names of the steps that were selected; None where all run."""
    config = request.get("SelectiveExecutionConfig")
    if config is None:
        return None
    return [each["StepName"] for each in config["SelectedSteps"]]


def needed(definition: Definition, chosen: list[str]) -> list[str]:
    """The steps that the chosen ones wait for, and that are not chosen."""
    found: dict[str, None] = {}
    for name in chosen:
        found |= dict.fromkeys(sorted(waits_for(definition.steps[name]) - set(chosen)))
    return list(found)


def check(cloud: Cloud, pipeline: str, definition: Definition, request: Request) -> None:
    """Raises ValidationError, ResourceNotFound."""
    chosen = selected(request)
    if chosen is None:
        return
    for name in chosen:
        if name not in definition.steps:
            raise ValidationError(f"Invalid SelectedSteps: the pipeline has no step [{name}]")
    if len(chosen) != len(set(chosen)):
        raise ValidationError("Invalid SelectedSteps: a step is selected twice")
    source = request["SelectiveExecutionConfig"].get("SourcePipelineExecutionArn")
    lacking = needed(definition, chosen)
    if source is None:
        if lacking:
            # AWS's words, null included.
            raise ValidationError(
                f"Invalid SourcePipelineExecutionArn: null. The selected steps "
                f"[{', '.join(chosen)}] have dependencies on [{', '.join(lacking)}]"
            )
        return
    name = EXECUTION.name_of(cloud, source)
    status = EXECUTION.find(cloud, name)[EXECUTION.status]
    if pipeline_of(name) != pipeline:
        raise ValidationError(
            f"Invalid SourcePipelineExecutionArn: {source} is not of pipeline {pipeline}"
        )
    if status not in EXECUTION.final:
        raise ValidationError(f"Invalid SourcePipelineExecutionArn: {source} is {status}")
    there = results(cloud, source)
    if missing := [each for each in lacking if each not in there]:
        raise ValidationError(
            f"Invalid SourcePipelineExecutionArn: {source}. The selected steps "
            f"[{', '.join(chosen)}] have dependencies on [{', '.join(missing)}], which did not "
            "succeed in it"
        )


def results(cloud: Cloud, source: str | None) -> dict[str, Record]:
    """The steps of the former execution that have succeeded, by name."""
    if source is None:
        return {}
    found = records.steps(cloud, EXECUTION.name_of(cloud, source)).values()
    return {each["StepName"]: each for each in found if each["StepStatus"] == "Succeeded"}


def reused(record: Record, source: str) -> dict[str, Any]:
    """A step of the former execution, as the new one lists it."""
    kept = ("StepName", "StepDisplayName", "StepDescription", "Metadata", "Properties")
    return {
        **{name: record[name] for name in kept if name in record},
        "StepStatus": "Succeeded",
        "AttemptCount": 0,
        "SelectiveExecutionResult": {"SourcePipelineExecutionArn": source},
    }
