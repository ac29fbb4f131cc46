"""A job's life, whatever its kind: it begins, it ends in a final status, it leaves nothing."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from labcloud.cloud import Cloud
from labcloud.sagemaker.errors import ResourceInUse
from labcloud.sagemaker.failures import LOST, AlgorithmError, ClientError
from labcloud.sagemaker.job import Job, remove_folder
from labcloud.sagemaker.resource import Resource, Words
from labcloud.sagemaker.states import ENDED
from labcloud_support.clouds import LocalCloud
from labcloud_support.theatre import Theatre

from .conftest import Play, Stage

SLEEP = Resource(
    kind="sleep",
    title="Sleep",
    called="sleep",
    summaries="Sleeps",
    final=ENDED,
    taken=Words(ResourceInUse, "There is a sleep {name} ({arn})"),
)


class Sleep(Job):
    """Ends when it is stopped, or with the error that the request names."""

    resource = SLEEP

    async def work(self) -> str:
        self.folder.mkdir(parents=True)
        if error := ERRORS.get(self.request.get("Error", "")):
            raise error
        await self.stop.wait()
        return ""


ERRORS: dict[str, Exception] = {
    "client": ClientError("your mistake"),
    "algorithm": AlgorithmError("the container's"),
    "labcloud": RuntimeError("ours"),
    "the disk": FileNotFoundError(2, "No such file or directory", "/a/path/of/this/machine"),
}


async def ended(cloud: Cloud, name: str) -> dict[str, Any]:
    await asyncio.gather(*cloud.tasks.values(), return_exceptions=True)
    return cloud.records.get("sleep", name)


def test_it_is_in_progress_until_it_is_stopped(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        Sleep.begin(stage.cloud, {"SleepName": "s"})
        record = stage.cloud.records.get("sleep", "s")
        assert record["SleepStatus"] == "InProgress"
        assert record["SleepArn"] == "arn:aws:sagemaker:us-east-1:123456789012:sleep/s"
        with pytest.raises(ResourceInUse, match=r"There is a sleep s \(arn:"):
            Sleep.begin(stage.cloud, {"SleepName": "s"})
        operations = Sleep.operations(deletes=True)
        await operations["StopSleep"](stage.cloud, {"SleepName": "s"})
        assert stage.cloud.records.get("sleep", "s")["SleepStatus"] == "Stopping"
        assert (await ended(stage.cloud, "s"))["SleepStatus"] == "Stopped"
        assert not (stage.cloud.jobs_folder / "sleep" / "s").exists()
        await operations["DeleteSleep"](stage.cloud, {"SleepName": "s"})
        assert (await operations["ListSleeps"](stage.cloud, {}))["Sleeps"] == []

    act(scene)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("client", "ClientError: your mistake"),
        ("algorithm", "AlgorithmError: the container's"),
        ("labcloud", "InternalServerError: RuntimeError: ours"),
        ("the disk", "InternalServerError: FileNotFoundError: No such file or directory"),
    ],
)
def test_an_error_is_the_reason_of_its_failure(act: Play, error: str, reason: str) -> None:
    async def scene(stage: Stage) -> None:
        Sleep.begin(stage.cloud, {"SleepName": "s", "Error": error})
        record = await ended(stage.cloud, "s")
        assert (record["SleepStatus"], record["FailureReason"]) == ("Failed", reason)
        assert not (stage.cloud.jobs_folder / "sleep" / "s").exists()

    act(scene)


def test_the_end_of_the_server_is_told_at_once_or_after_the_next_start(
    act: Play, caplog: pytest.LogCaptureFixture
) -> None:
    """While a record cannot be written, as on a full disk, the end is no error of the job's."""

    async def scene(stage: Stage) -> None:
        tasks = [Sleep.begin(stage.cloud, {"SleepName": name}) for name in ("a", "b")]
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.wait([tasks[0]])
        # SQLite itself refuses to write from here on.
        stage.cloud.records._database.execute("PRAGMA query_only=ON")
        tasks[1].cancel()
        await asyncio.wait([tasks[1]])
        stage.cloud.records._database.execute("PRAGMA query_only=OFF")
        assert [task.cancelled() for task in tasks] == [True, True]
        assert stage.cloud.records.get("sleep", "a")["FailureReason"] == LOST
        assert stage.cloud.records.get("sleep", "b")["SleepStatus"] == "InProgress"
        Sleep.recover(stage.cloud)
        found = stage.cloud.records.get("sleep", "b")
        assert (found["SleepStatus"], found["FailureReason"]) == ("Failed", LOST)

    act(scene)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_job_that_was_being_stopped_is_stopped_when_the_server_goes(act: Play) -> None:
    """The stop was acknowledged: neither a kill nor an orderly end makes it a failure."""

    async def scene(stage: Stage) -> None:
        names = ("killed", "ended")
        tasks = [Sleep.begin(stage.cloud, {"SleepName": name}) for name in names]
        await asyncio.sleep(0)
        for name in names:
            Sleep.request_stop(stage.cloud, name)
        stage.cloud.records._database.execute("PRAGMA query_only=ON")
        tasks[0].cancel()
        await asyncio.wait([tasks[0]])
        stage.cloud.records._database.execute("PRAGMA query_only=OFF")
        tasks[1].cancel()
        await asyncio.wait([tasks[1]])
        assert stage.cloud.records.get("sleep", "killed")["SleepStatus"] == "Stopping"
        Sleep.recover(stage.cloud)
        for name in names:
            found = stage.cloud.records.get("sleep", name)
            assert (found["SleepStatus"], found.get("FailureReason")) == ("Stopped", None)

    act(scene)


def test_a_folder_that_stays_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "job"
    folder.mkdir()
    remove_folder(folder)
    assert not folder.exists()
    remove_folder(folder)
    assert caplog.messages == []
    # A link is not a folder: what it leads to must not be deleted through it.
    folder.symlink_to(tmp_path)
    remove_folder(folder)
    assert caplog.messages == [f"the folder {folder} could not be deleted"]


def test_a_local_cloud_starts_with_no_resources(tmp_path: Path, theatre: Theatre) -> None:
    async def scene() -> None:
        local = LocalCloud(tmp_path, theatre)
        assert SLEEP.all(local.cloud) == []
        await local.close()

    theatre.play(scene())
