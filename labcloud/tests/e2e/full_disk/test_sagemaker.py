"""SageMaker on a full disk: a record is written whole or refused, and the others are kept."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable
from typing import Any

import pytest

from labcloud_support.resources import IMAGE, variant

from .conftest import Survives
from .disk import ROOMS, Disk, acknowledged, ended

# What is listed: its names, sorted.
Records = dict[str, list[str]]


def records(sagemaker: Any, own: str) -> Records:
    """Everything that SageMaker shows of what one test has made."""
    tagged = sagemaker.describe_model(ModelName=f"{own}-tagged")["ModelArn"]
    lists = {
        "models": ("list_models", "Models[].ModelName"),
        "configs": ("list_endpoint_configs", "EndpointConfigs[].EndpointConfigName"),
        "jobs": ("list_training_jobs", "TrainingJobSummaries[].TrainingJobName"),
    }
    tags = sagemaker.list_tags(ResourceArn=tagged)["Tags"]
    return {
        what: sorted(sagemaker.get_paginator(call).paginate(NameContains=own).search(names))
        for what, (call, names) in lists.items()
    } | {"tags": sorted(tag["Key"] for tag in tags)}


def create_model(sagemaker: Any, kept: Records, own: str, turn: int, **_: Any) -> None:
    name = f"{own}-model-{turn}"
    container = {"Image": IMAGE, "Environment": {"LONG": "x" * 1000}}
    if acknowledged(sagemaker.create_model, ModelName=name, PrimaryContainer=container):
        kept["models"].append(name)


def create_endpoint_config(sagemaker: Any, kept: Records, own: str, turn: int, **_: Any) -> None:
    if acknowledged(
        sagemaker.create_endpoint_config,
        EndpointConfigName=f"{own}-config-{turn}",
        ProductionVariants=[variant(f"{own}-tagged")],
    ):
        kept["configs"].append(f"{own}-config-{turn}")


def add_tags(sagemaker: Any, kept: Records, own: str, turn: int, **_: Any) -> None:
    arn = sagemaker.describe_model(ModelName=f"{own}-tagged")["ModelArn"]
    tags = [{"Key": f"key-{turn:02}", "Value": "v" * 200}]
    if acknowledged(sagemaker.add_tags, ResourceArn=arn, Tags=tags):
        kept["tags"].append(f"key-{turn:02}")


def delete_model(sagemaker: Any, kept: Records, own: str, turn: int, **_: Any) -> None:
    if acknowledged(sagemaker.delete_model, ModelName=f"{own}-victim-{turn}"):
        kept["models"].remove(f"{own}-victim-{turn}")


def create_training_job(sagemaker: Any, kept: Records, own: str, turn: int, request: Any) -> None:
    if acknowledged(sagemaker.create_training_job, **request(f"{own}-job-{turn}")):
        kept["jobs"].append(f"{own}-job-{turn}")


@pytest.mark.parametrize(
    "operation",
    [create_model, create_endpoint_config, add_tags, delete_model, create_training_job],
    ids=lambda operation: operation.__name__,
)
def test_sagemaker_on_a_full_disk(
    sagemaker: Any,
    disk: Disk,
    survives: Survives,
    training: Callable[..., dict[str, Any]],
    operation: Callable[..., None],
) -> None:
    own = f"full-{secrets.token_hex(4)}"
    for name in ("tagged", *[f"victim-{turn}" for turn in range(len(ROOMS))]):
        sagemaker.create_model(ModelName=f"{own}-{name}", PrimaryContainer={"Image": IMAGE})
    kept = records(sagemaker, own)

    changed = []
    for turn, room in enumerate(ROOMS):
        disk.fill(leaving=room)
        before = copy.deepcopy(kept)
        operation(sagemaker, kept, own, turn, request=training)
        kept = {name: sorted(values) for name, values in kept.items()}
        assert records(sagemaker, own) == kept, f"{room} pages were free"
        changed.append(kept != before)
    assert (changed[0], changed[-1]) == (False, True), changed

    disk.free()
    sagemaker.create_model(ModelName=f"{own}-after", PrimaryContainer={"Image": IMAGE})
    kept["models"] = sorted([*kept["models"], f"{own}-after"])
    assert records(sagemaker, own) == kept
    for job in kept["jobs"]:
        ended(sagemaker, job)
    survives("sagemaker", lambda sagemaker: records(sagemaker, own))
