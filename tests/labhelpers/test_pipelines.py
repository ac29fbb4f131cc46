"""A pipeline's execution is shown step by step, and nothing of pipelines and versions stays."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labhelpers import Lab, LabError, clean_up, connect, leftovers, upload, watch
from labhelpers.errors import JobFailed
from labhelpers.pipelines import execution_arn
from tests.labhelpers.conftest import SKLEARN

Printed = pytest.CaptureFixture[str]
Start = Callable[..., str]
FOREVER = "import threading; threading.Event().wait()"


def job(lab: Lab, name: str, line: str, *after: str) -> dict[str, Any]:
    """A step that runs a line of Python, and that may come from the cache."""
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    step: dict[str, Any] = {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": {"ClusterConfig": cluster},
            "AppSpecification": {
                "ImageUri": SKLEARN, "ContainerEntrypoint": ["python3", "-c", line],
            },
            "RoleArn": lab.role,
        },
        "CacheConfig": {"Enabled": True, "ExpireAfter": "30d"},
    }  # fmt: skip
    return step | {"DependsOn": list(after)} if after else step


@pytest.fixture
def pipeline(lab: Lab) -> Start:
    """Makes a pipeline of one job and a condition, and returns its name."""

    def make(line: str = "print('It runs.')") -> str:
        condition = {"Type": "GreaterThan", "LeftValue": {"Get": "Parameters.Limit"},
                     "RightValue": 1.0}  # fmt: skip
        check = {
            "Name": "Check",
            "Type": "Condition",
            "DependsOn": ["Prepare"],
            "Arguments": {
                "Conditions": [condition],
                "IfSteps": [],
                "ElseSteps": [
                    {"Name": "TooLow", "Type": "Fail", "Arguments": {"ErrorMessage": "Too low."}}
                ],
            },
        }
        name = lab.resource_name()
        lab.client("sagemaker").create_pipeline(
            PipelineName=name,
            PipelineDefinition=json.dumps(
                {
                    "Version": "2020-12-01",
                    "Metadata": {},
                    "Parameters": [{"Name": "Limit", "Type": "Float", "DefaultValue": 2.0}],
                    "Steps": [job(lab, "Prepare", line), check],
                }
            ),
            RoleArn=lab.role,
            ClientRequestToken=f"token-{name}",
        )
        return name

    return make


@pytest.fixture
def start(lab: Lab) -> Start:
    """Starts a pipeline with parameters, and returns the ARN of the execution."""

    def begin(name: str, **parameters: str) -> str:
        arn: str = lab.client("sagemaker").start_pipeline_execution(
            PipelineName=name,
            PipelineParameters=[{"Name": key, "Value": each} for key, each in parameters.items()],
            ClientRequestToken=f"{name}-{len(parameters)}-{lab.resource_name()}"[:128],
        )["PipelineExecutionArn"]
        return arn

    return begin


def test_each_step_is_shown_when_it_has_ended_and_then_what_came_from_the_cache(
    lab: Lab, pipeline: Start, start: Start, capsys: Printed
) -> None:
    name = pipeline()
    first = start(name)
    assert watch(lab, first) == first
    check = "    Check: Succeeded, and the condition is True"
    assert capsys.readouterr().out.splitlines() == [
        f"Pipeline execution of {name}", "Executing",
        "    Prepare: Succeeded", check, "Succeeded",
    ]  # fmt: skip
    # The last that was started, without its ARN.
    again = start(name)
    assert watch(lab) == again
    assert capsys.readouterr().out.splitlines()[2:4] == [
        "    Prepare: Succeeded, the result of an earlier execution", check,
    ]  # fmt: skip
    # One that has ended is shown the same.
    watch(lab, first)
    assert capsys.readouterr().out.splitlines()[2:] == [
        "    Prepare: Succeeded",
        check,
        "Succeeded",
    ]

    failed = start(name, Limit="0.5")
    with pytest.raises(JobFailed, match=f"The execution of {name} failed: "):
        watch(lab, failed)
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "    Check: Succeeded, and the condition is False", "    TooLow: Failed", "Failed",
    ]  # fmt: skip


def test_an_execution_that_nobody_has_started(lab: Lab) -> None:
    arn = f"arn:aws:sagemaker:{lab.region}:{lab.account}:pipeline/labs-none/execution/abcdefghijkl"
    with pytest.raises(LabError, match="cannot be watched: "):
        watch(lab, arn)


def test_what_runs_is_said_stopped_and_deleted(
    lab: Lab, pipeline: Start, start: Start, capsys: Printed
) -> None:
    name = pipeline(FOREVER)
    arn = start(name)
    run = arn.rpartition("/")[2]
    sagemaker = lab.client("sagemaker")

    def steps() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = sagemaker.list_pipeline_execution_steps(
            PipelineExecutionArn=arn
        )["PipelineExecutionSteps"]
        return found

    while not any(step.get("Metadata") for step in steps()):
        sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    (job_arn,) = [step["Metadata"]["ProcessingJob"]["Arn"] for step in steps()]
    running = leftovers(lab).set_index("kind")["dollars an hour"]
    assert running["pipeline execution"] == pytest.approx(0.115)
    assert running["pipeline"] == 0

    capsys.readouterr()
    clean_up(lab)
    assert capsys.readouterr().out.splitlines() == [
        f"Stopped pipeline execution {name}/execution/{run}",
        f"Deleted pipeline {name}",
    ]
    described = sagemaker.describe_processing_job(ProcessingJobName=job_arn.rpartition("/")[2])
    assert described["ProcessingJobStatus"] == "Stopped"
    clean_up(lab)
    assert capsys.readouterr().out.startswith("Nothing to clean up")


def test_to_connect_says_what_runs(
    lab: Lab, pipeline: Start, start: Start, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(pipeline(FOREVER))
    monkeypatch.setenv("LAB_LEARNER", lab.learner)
    capsys.readouterr()
    connect(lab.name)
    said = capsys.readouterr().out
    assert "Running now: pipeline execution labs-" in said
    assert "clean_up(lab) ends it." in said


def test_versions_go_before_their_group_or_are_kept(
    lab: Lab, tmp_path: Path, capsys: Printed
) -> None:
    sagemaker, group = lab.client("sagemaker"), lab.resource_name("prices")
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz"):
        pass
    artifact = upload(lab, tmp_path / "model.tar.gz", lab.uri(lab.name, "model.tar.gz"))
    other = f"other-{group}"
    for name in (group, other):
        sagemaker.create_model_package_group(ModelPackageGroupName=name)
    for _ in range(2):
        sagemaker.create_model_package(
            ModelPackageGroupName=group,
            InferenceSpecification={
                "Containers": [{"Image": SKLEARN, "ModelDataUrl": artifact}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )
    clean_up(lab, keep_models=True)
    assert "Deleted" not in capsys.readouterr().out
    clean_up(lab)
    said = capsys.readouterr().out.splitlines()
    assert sorted(said[:2]) == [f"Deleted model package {group}/{n}" for n in (1, 2)]
    assert said[2:] == [f"Deleted model package group {group}"]
    # Only what begins with the prefix is the learner's.
    sagemaker.delete_model_package_group(ModelPackageGroupName=other)


@pytest.mark.parametrize(
    ("what", "is_one"),
    [
        ("arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p/execution/a1b2c3d4e5f6", True),
        ("arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p", False),
        ("labs-ana-01-20261129", False),
        (None, False),
        (len, False),
    ],
)
def test_an_execution_is_known_by_its_arn(what: Any, is_one: bool) -> None:
    assert execution_arn(what) == (what if is_one else None)
