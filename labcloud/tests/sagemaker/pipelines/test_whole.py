"""What a request changes is changed as a whole, once, and while others are served."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import Conflict, ResourceNotFound, ValidationError
from labcloud.sagemaker.pipelines import api, executions, records
from labcloud.sagemaker.pipelines.execution import PipelineExecution
from labcloud.sagemaker.pipelines.resource import EXECUTION, PIPELINE
from labcloud_support.clouds import LocalCloud
from labcloud_support.theatre import Theatre

ROLE = "arn:aws:iam::123456789012:role/any"
TOKEN = "0" * 32
FAILS = '{"Version": "2020-12-01", "Steps": [{"Name": "F", "Type": "Fail"}]}'
KINDS = (EXECUTION.kind, records.VERSION, records.STEP, records.CACHED, records.TOKEN)

Local = tuple[LocalCloud, Theatre]


async def create(cloud: Cloud, name: str, text: str = FAILS) -> None:
    made = {"PipelineName": name, "PipelineDefinition": text, "RoleArn": ROLE}
    await api.create(cloud, {**made, "ClientRequestToken": TOKEN})


async def start(cloud: Cloud, name: str) -> str:
    request = {"PipelineName": name, "ClientRequestToken": TOKEN}
    found: str = (await executions.start(cloud, request))["PipelineExecutionArn"]
    return found


async def ended(cloud: Cloud, arn: str) -> str:
    """The name of an execution that is over."""
    name = arn.partition(":pipeline/")[2]
    await asyncio.wait([cloud.tasks[EXECUTION.kind, name]])
    return name


def names(cloud: Cloud, pipeline: str) -> list[str]:
    """What there is of a pipeline: what lists show is what there is."""
    found = []
    for kind in KINDS:
        listed = records.all_below(cloud, kind, f"{pipeline}/")
        for name in listed:
            cloud.records.get(kind, name)
        found += listed
    return found


@contextmanager
def no_room_for(cloud: Cloud, method: str, kind: str) -> Iterator[None]:
    """The disk is full when a record of this kind is to be changed."""
    whole = getattr(cloud.records, method)

    def change(of: str, *arguments: Any, **changes: Any) -> Any:
        if of == kind:
            raise sqlite3.OperationalError("database or disk is full")
        return whole(of, *arguments, **changes)

    with patch.object(cloud.records, method, change):
        yield


def test_a_name_that_differs_in_case_only_is_another_pipeline(local: Local) -> None:
    stage, theatre = local

    async def scene(cloud: Cloud) -> None:
        other = FAILS.replace('"F"', '"G"')
        await create(cloud, "Same")
        await create(cloud, "same", other)
        for name, text in (("Same", FAILS), ("same", other)):
            found = await api.describe(cloud, {"PipelineName": name})
            assert found["PipelineDefinition"] == text
            await ended(cloud, await start(cloud, name))

    theatre.play(scene(stage.cloud))


def test_a_pipeline_is_there_with_its_version_or_not_at_all(local: Local) -> None:
    stage, theatre = local
    full = pytest.raises(sqlite3.OperationalError)

    async def scene(cloud: Cloud) -> None:
        with no_room_for(cloud, "insert", records.VERSION), full:
            await create(cloud, "p")
        assert (await api.list_all(cloud, {}))["PipelineSummaries"] == []
        await create(cloud, "p")
        request = {"PipelineName": "p", "PipelineDefinition": FAILS.replace('"F"', '"G"')}
        with no_room_for(cloud, "update", PIPELINE.kind), full:
            await api.update(cloud, request)
        found = await api.list_versions(cloud, {"PipelineName": "p"})
        assert [each["PipelineVersionId"] for each in found["PipelineVersionSummaries"]] == [1]

    theatre.play(scene(stage.cloud))


def test_an_execution_begins_with_its_token_or_not_at_all(local: Local) -> None:
    """Else the client, which was refused and asks again, gets a second one."""
    stage, theatre = local
    full = pytest.raises(sqlite3.OperationalError)

    async def scene(cloud: Cloud) -> None:
        await create(cloud, "p")
        with no_room_for(cloud, "insert", records.TOKEN), full:
            await start(cloud, "p")
        assert not cloud.tasks
        assert (await executions.list_all(cloud, {"PipelineName": "p"}))[EXECUTION.summaries] == []
        arns = await asyncio.gather(start(cloud, "p"), start(cloud, "p"))
        assert arns[0] == arns[1]
        name = await ended(cloud, arns[0])
        request = {"PipelineExecutionArn": arns[0], "ClientRequestToken": TOKEN}
        with no_room_for(cloud, "insert", records.TOKEN), full:
            await executions.retry(cloud, request)
        assert EXECUTION.find(cloud, name)[EXECUTION.status] == "Failed"
        # Its task is about to end, and two requests wait for that.
        ends = asyncio.Event()
        cloud.tasks[EXECUTION.kind, name] = task = asyncio.create_task(_until(ends))
        twice = asyncio.gather(executions.retry(cloud, request), executions.retry(cloud, request))
        await asyncio.sleep(0)
        ends.set()
        answers = await twice
        assert answers[0] == answers[1] == {"PipelineExecutionArn": arns[0]}
        assert cloud.tasks[EXECUTION.kind, name] is not task
        await ended(cloud, arns[0])

    theatre.play(scene(stage.cloud))


async def _until(event: asyncio.Event) -> None:
    await event.wait()


# ---- the end of a pipeline --------------------------------------------------------------------


async def with_steps(cloud: Cloud, name: str, many: int) -> str:
    """A pipeline whose execution has had many steps; the ARN of the execution."""
    await create(cloud, name)
    arn = await start(cloud, name)
    execution = await ended(cloud, arn)
    with cloud.records.together():
        for number in range(2, many + 1):
            body = {"StepName": f"S{number}", "StepStatus": "Failed", "CreationTime": time.time()}
            cloud.records.insert(records.STEP, f"{execution}/{number:09d}", body)
    return arn


def test_a_pipeline_goes_with_all_that_it_has_or_not_at_all(local: Local) -> None:
    stage, theatre = local

    async def scene(cloud: Cloud) -> None:
        await with_steps(cloud, "p", 5)
        before = names(cloud, "p")
        assert len(before) == 8
        with (
            no_room_for(cloud, "delete", records.VERSION),
            pytest.raises(sqlite3.OperationalError),
        ):
            await api.delete(cloud, {"PipelineName": "p"})
        assert names(cloud, "p") == before
        found = await api.describe(cloud, {"PipelineName": "p"})
        assert found["PipelineStatus"] == "Active"
        await api.delete(cloud, {"PipelineName": "p"})
        assert names(cloud, "p") == []

    theatre.play(scene(stage.cloud))


def test_others_are_served_while_much_is_deleted(local: Local) -> None:
    """It is Deleting, and nothing begins with it. A kill in the middle leaves nothing of it."""
    stage, theatre = local

    async def scene(cloud: Cloud) -> None:
        arn = await with_steps(cloud, "p", 450)
        await with_steps(cloud, "killed", 450)
        await create(cloud, "other")
        request = {"PipelineName": "p"}
        deleting = asyncio.create_task(api.delete(cloud, request))
        again = asyncio.create_task(api.delete(cloud, request))
        await asyncio.sleep(0)
        found = await api.describe(cloud, request)
        assert found["PipelineStatus"] == "Deleting"
        said = f"Pipeline '{found['PipelineArn']}' is being deleted."
        retried = {"PipelineExecutionArn": arn, "ClientRequestToken": TOKEN}
        for refused in (
            start(cloud, "p"), executions.retry(cloud, retried),
            api.update(cloud, {**request, "PipelineDescription": "d"}),
        ):  # fmt: skip
            with pytest.raises(Conflict, match=said):
                await refused
        with pytest.raises(ValidationError, match="already exists"):
            await create(cloud, "p", FAILS.replace('"F"', '"G"'))
        await asyncio.gather(deleting, again)
        with pytest.raises(ResourceNotFound):
            await api.describe(cloud, request)
        killed = asyncio.create_task(api.delete(cloud, {"PipelineName": "killed"}))
        await asyncio.sleep(0)
        killed.cancel()
        PipelineExecution.recover(cloud)
        assert (names(cloud, "p"), names(cloud, "killed")) == ([], [])
        found = await api.list_all(cloud, {})
        assert [each["PipelineName"] for each in found["PipelineSummaries"]] == ["other"]

    theatre.play(scene(stage.cloud))
