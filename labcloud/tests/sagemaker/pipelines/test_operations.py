"""What operations do to an execution that runs, that has failed, and that is not here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from labcloud.cloud import Cloud
from labcloud.functions.asked import Answered
from labcloud.sagemaker.errors import ResourceNotFound
from labcloud.sagemaker.pipelines import api, executions
from labcloud.sagemaker.pipelines.resource import EXECUTION
from labcloud_support.clouds import LocalCloud
from labcloud_support.theatre import Theatre

from .test_execution import ROLE, TOKEN, Functions, function, text


async def begun(cloud: Cloud, text: str, **members: Any) -> str:
    """The ARN of an execution that has begun, of a new pipeline."""
    made = {"PipelineName": "p", "PipelineDefinition": text, "RoleArn": ROLE}
    await api.create(cloud, {**made, "ClientRequestToken": TOKEN, **members})
    request = {"PipelineName": "p", "ClientRequestToken": TOKEN}
    arn: str = (await executions.start(cloud, request))["PipelineExecutionArn"]
    return arn


async def ended(cloud: Cloud, arn: str) -> str:
    name = EXECUTION.name_of(cloud, arn)
    await asyncio.wait([cloud.tasks[EXECUTION.kind, name]])
    status: str = EXECUTION.find(cloud, name)["PipelineExecutionStatus"]
    return status


class Waiting(Functions):
    """Functions that answer once `go` is set; the n-th of `came` is set once n have been asked."""

    def __init__(self) -> None:
        super().__init__({})
        self.go, self.came = asyncio.Event(), [asyncio.Event() for _ in range(3)]

    async def invoke(self, function: str, payload: bytes) -> Answered:
        self.asked.append((function, None))
        self.came[len(self.asked)].set()
        await self.go.wait()
        return Answered(b'{"it": 1}', None)


def test_more_steps_begin_as_soon_as_they_may(local: tuple[LocalCloud, Theatre]) -> None:
    stage, theatre = local

    async def scene() -> None:
        stage.cloud.functions = functions = Waiting()
        two = text(function("A", "f"), function("B", "f"))
        one = {"ParallelismConfiguration": {"MaxParallelExecutionSteps": 1}}
        arn = await begun(stage.cloud, two, **one)
        await functions.came[1].wait()
        more = {"ParallelismConfiguration": {"MaxParallelExecutionSteps": 2}}
        await executions.update(stage.cloud, {"PipelineExecutionArn": arn, **more})
        # Neither of them has ended by now.
        await functions.came[2].wait()
        functions.go.set()
        assert await ended(stage.cloud, arn) == "Succeeded"

    theatre.play(scene())


def test_a_retry_leads_nowhere_from_a_failure_that_is_no_more(
    local: tuple[LocalCloud, Theatre],
) -> None:
    stage, theatre = local

    async def scene() -> None:
        good, bad = {"it": 1}, {"other": 1}
        answers: dict[str, Callable[[Any], Any]] = {
            "work": lambda _: bad, "tidy": lambda _: good, "tell": lambda _: bad
        }  # fmt: skip
        stage.cloud.functions = functions = Functions(answers)
        arn = await begun(
            stage.cloud,
            text(
                function("Work", "work"),
                function("Tidy", "tidy", DependsOn=[{"Step": "Work", "Trigger": "Failed"}]),
                function("Tell", "tell", DependsOn=["Tidy"]),
            ),
        )
        assert await ended(stage.cloud, arn) == "Failed"
        assert [name for name, _ in functions.asked] == ["work", "tidy", "tell"]
        answers["work"] = answers["tell"] = lambda _: good
        again = {"PipelineExecutionArn": arn, "ClientRequestToken": TOKEN}
        await executions.retry(stage.cloud, again)
        assert await ended(stage.cloud, arn) == "Succeeded"
        assert [name for name, _ in functions.asked] == ["work", "tidy", "tell", "work"]

    theatre.play(scene())


def test_arns_of_other_accounts_and_regions_are_those_of_nothing(
    local: tuple[LocalCloud, Theatre],
) -> None:
    stage, theatre = local
    cloud = stage.cloud

    async def scene() -> None:
        stage.cloud.functions = Functions({"f": lambda _: {"it": 1}})
        arn = await begun(cloud, text(function("A", "f")))
        assert await ended(cloud, arn) == "Succeeded"
        pipeline = arn.partition("/execution/")[0]
        assert (await api.describe(cloud, {"PipelineName": pipeline}))["PipelineArn"] == pipeline
        for own, other in (("123456789012", "210987654321"), ("us-east-1", "eu-west-1")):
            away = {
                "PipelineName": pipeline.replace(own, other),
                "PipelineArn": pipeline.replace(own, other),
                "PipelineVersionId": 1,
                "PipelineExecutionArn": arn.replace(own, other),
                "ClientRequestToken": "1" * 32,
            }
            source = {"SourcePipelineExecutionArn": arn.replace(own, other),
                      "SelectedSteps": [{"StepName": "A"}]}  # fmt: skip
            here = {**away, "PipelineName": pipeline, "SelectiveExecutionConfig": source}
            for operation, request, missing in (
                *((each, away, f"Pipeline '{away['PipelineName']}'") for each in (
                    api.describe, api.list_versions, api.update_version, executions.start,
                    executions.list_all)),
                *((each, away, f"Pipeline execution '{away['PipelineExecutionArn']}'") for each in (
                    executions.describe, executions.update, executions.stop, executions.retry,
                    executions.list_steps, executions.list_parameters,
                    executions.describe_definition)),
                (executions.start, here, f"Pipeline execution '{away['PipelineExecutionArn']}'"),
            ):  # fmt: skip
                with pytest.raises(ResourceNotFound) as refused:
                    await operation(cloud, request)
                assert refused.value.message == f"{missing} does not exist."

    theatre.play(scene())
