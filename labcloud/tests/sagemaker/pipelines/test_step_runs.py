"""Steps on a full disk, steps that a stop overtakes, and steps that nobody waits for any more."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
import threading
from typing import Any
from unittest.mock import patch

from labcloud.cloud import Cloud
from labcloud.functions.asked import Answered
from labcloud.sagemaker.pipelines import api, executions, records
from labcloud.sagemaker.pipelines.definition import Step
from labcloud.sagemaker.pipelines.execution import PipelineExecution
from labcloud.sagemaker.pipelines.paths import Part
from labcloud.sagemaker.pipelines.problems import StepStopped
from labcloud.sagemaker.pipelines.resource import EXECUTION
from labcloud.sagemaker.pipelines.steps.functions import LAMBDA
from labcloud.sagemaker.pipelines.steps.kind import Attempt, Kind, Properties
from labcloud.sagemaker.pipelines.steps.table import KINDS
from labcloud.state.records import Record
from labcloud_support.clouds import LocalCloud
from labcloud_support.theatre import Theatre

ROLE = "arn:aws:iam::123456789012:role/any"
TOKEN = "0" * 32
CLUSTER = {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
# More instances than the quota has.
REFUSED = {
    "Name": "Refused",
    "Type": "Processing",
    "Arguments": {
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["true"]},
        "ProcessingResources": {"ClusterConfig": CLUSTER},
    },
    "RetryPolicies": [
        {"ExceptionType": ["SageMaker.RESOURCE_LIMIT"], "MaxAttempts": 2, "IntervalSeconds": 0}
    ],
}

Local = tuple[LocalCloud, Theatre]


class Functions:
    """Lambda with functions that answer at once."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def allows(self, function: str, principal: str, source_arn: str) -> bool:
        return True

    async def invoke(self, function: str, payload: bytes) -> Answered:
        self.asked.append(function)
        return Answered(b"{}", None)


def function(name: str, **members: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Lambda", "FunctionArn": name, "Arguments": {}, **members}


async def begin(cloud: Cloud, *steps: dict[str, Any]) -> str:
    """Starts a new pipeline. The name of the execution."""
    text = json.dumps({"Version": "2020-12-01", "Steps": list(steps)})
    made = {"PipelineName": "p", "PipelineDefinition": text, "RoleArn": ROLE}
    await api.create(cloud, {**made, "ClientRequestToken": TOKEN})
    request = {"PipelineName": "p", "ClientRequestToken": TOKEN}
    arn: str = (await executions.start(cloud, request))["PipelineExecutionArn"]
    return arn.partition(":pipeline/")[2]


async def ended(cloud: Cloud, execution: str) -> tuple[str, dict[str, Any]]:
    """The status of an execution that is over, and the records of its steps."""
    if task := cloud.tasks.get((EXECUTION.kind, execution)):
        await asyncio.wait([task])
    found = {each["StepName"]: each for each in records.steps(cloud, execution).values()}
    return EXECUTION.find(cloud, execution)[EXECUTION.status], found


def test_a_full_disk_takes_no_step_from_the_job_that_it_has_begun(local: Local) -> None:
    """How far it is, is written when there is room: who it was, and how often it was tried."""
    stage, theatre = local

    def no_room(kind: str, name: str, **changes: Any) -> Any:
        raise sqlite3.OperationalError("database or disk is full")

    async def scene(cloud: Cloud) -> None:
        cloud.functions = Functions()
        with patch.object(cloud.records, "update_soon", no_room):
            status, steps = await ended(cloud, await begin(cloud, function("f"), REFUSED))
        assert status == "Failed"
        assert steps["f"]["StepStatus"] == "Succeeded"
        assert steps["f"]["Metadata"]["Lambda"]["Arn"] == "f"
        assert "The account-level service limit" in steps["Refused"]["FailureReason"]
        assert steps["Refused"]["AttemptCount"] == 3

    theatre.play(scene(stage.cloud))


def test_a_step_does_not_begin_that_a_stop_overtakes_while_it_reads_its_files(
    local: Local,
) -> None:
    stage, theatre = local
    reads, goes_on = threading.Event(), threading.Event()

    def slowly(place: Any) -> Any:
        reads.set()
        goes_on.wait()
        return io.BytesIO(b'{"a": 1}')

    async def scene(cloud: Cloud) -> None:
        cloud.functions = functions = Functions()
        file = {"Std:JsonGet": {"S3Uri": "s3://bucket/file.json", "Path": "a"}}
        with patch.object(cloud.objects, "open", slowly):
            execution = await begin(cloud, function("f", Arguments={"a": file}))
            try:
                await asyncio.to_thread(reads.wait)
                PipelineExecution.request_stop(cloud, execution)
            finally:
                goes_on.set()
            status, steps = await ended(cloud, execution)
        assert (status, steps["f"]["StepStatus"]) == ("Stopped", "Stopped")
        assert functions.asked == []

    theatre.play(scene(stage.cloud))


class _Job(Kind):
    """A kind of step whose job runs until somebody stops it."""

    type = "Lambda"
    members = LAMBDA.members

    def __init__(self) -> None:
        self.stopped: list[str] = []

    def check(self, step: Step) -> None:
        """Nothing is wrong with it."""

    def has(self, step: Step, path: tuple[Part, ...]) -> bool:
        return False

    async def run(self, attempt: Attempt) -> Properties:
        await attempt.stop.wait()
        self.stopped.append(attempt.step.name)
        raise StepStopped


def test_an_execution_that_breaks_off_leaves_no_job_behind(local: Local) -> None:
    stage, theatre = local
    job, insert = _Job(), PipelineExecution._insert

    def broken(execution: PipelineExecution, body: Record) -> str:
        if body["StepName"] == "Broken":
            raise RuntimeError("nobody has thought of this")
        return insert(execution, body)

    async def scene(cloud: Cloud) -> None:
        ask = {"Name": "Ask", "Type": "Callback", "SqsQueueUrl": "https://sqs/1/q"}
        first = {"Name": "First", "Type": "Condition", "Arguments": {"Conditions": []}}
        last = function("Broken", DependsOn=["First"])
        with (
            patch.dict(KINDS, {"Lambda": job}),
            patch.object(PipelineExecution, "_insert", broken),
            patch.object(cloud.queues, "send", lambda queue, body: None),
        ):
            execution = await begin(cloud, function("Job"), ask, first, last)
            status, steps = await ended(cloud, execution)
        assert job.stopped == ["Job"]
        assert status == "Failed"
        assert EXECUTION.find(cloud, execution)["FailureReason"].startswith("InternalServerError")
        ends = {name: each["StepStatus"] for name, each in steps.items()}
        assert ends == {"First": "Succeeded", "Job": "Stopped", "Ask": "Stopped"}

    theatre.play(scene(stage.cloud))
