"""What becomes of a transform job when containers refuse, fail, die and hang, and when it stops."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from labcloud.sagemaker.transform.job import TransformJob
from labcloud.sagemaker.transform.resource import TRANSFORM_JOB
from labcloud.state.records import Record

from ..conftest import Play, Stage

FAILED = "AlgorithmError: See job logs for more information"
REFUSED = "ClientError: See job logs for more information"
MB = 1024**2


def ended_as(record: Record) -> tuple[str, str | None]:
    assert record["CreationTime"] <= record["TransformEndTime"] <= record["LastModifiedTime"]
    return record["TransformJobStatus"], record.get("FailureReason")


def test_what_a_container_refuses_is_not_asked_again_and_the_others_are_written(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"abc\n", b__c=b"one\nrefuse\nthree\n", d=b"def\n")
        name = await stage.begin(BatchStrategy="SingleRecord")
        assert ended_as(await stage.ended(name)) == ("Failed", REFUSED)
        assert stage.outputs() == {"a.out": b"cba\n", "d.out": b"fed\n"}
        assert stage.reported("body").count("refuse\n") == 1
        assert "three\n" not in stage.reported("body")
        settings, *rest = stage.data_log(name)
        assert settings.endswith("MaxPayloadInMB=6, BatchStrategy=SINGLE_RECORD")
        assert [line for line in rest if line.startswith("bucket/in/b/c: ")] == [
            "bucket/in/b/c: ClientError: 400",
            "bucket/in/b/c: ",
            "bucket/in/b/c: Message:",
            "bucket/in/b/c: told to",
            "bucket/in/b/c: #011refuse",
        ]

    act(scene)


def test_a_server_error_is_tried_again_and_may_pass(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"one\nfail-once\nthree\n")
        assert await stage.done(BatchStrategy="SingleRecord") == {
            "a.out": b"eno\necno-liaf\neerht\n"
        }
        assert stage.reported("body") == ["one\n", "fail-once\n", "fail-once\n", "three\n"]

    act(scene)


@pytest.mark.parametrize(("client", "tries"), [({}, 4), ({"InvocationsMaxRetries": 0}, 1)])
def test_a_server_error_that_stays_fails_the_object(
    act: Play, client: dict[str, int], tries: int
) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"fail\n", b=b"abc\n")
        name = await stage.begin(ModelClientConfig=client)
        assert ended_as(await stage.ended(name)) == ("Failed", FAILED)
        assert stage.outputs() == {"b.out": b"cba\n"}
        assert stage.reported("body") == ["fail\n"] * tries + ["abc\n"]
        assert [line for line in stage.data_log(name) if line.startswith("bucket/in/a: ")] == [
            "bucket/in/a: Bad HTTP status received from algorithm: 500",
            "bucket/in/a: ",
            "bucket/in/a: Message:",
            "bucket/in/a: told to",
            "bucket/in/a: #011fail",
        ]

    act(scene)


@pytest.mark.parametrize("instances", [1, 2])
def test_a_failure_of_the_container_counts_more_than_a_refusal(act: Play, instances: int) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"fail\n", b=b"refuse\n")
        client = {"InvocationsMaxRetries": 0}
        name = await stage.begin(ModelClientConfig=client, instances=instances)
        assert ended_as(await stage.ended(name)) == ("Failed", FAILED)

    act(scene)


def test_no_content_is_no_output_and_no_failure(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"nothing\n")
        assert await stage.done() == {"a.out": b""}

    act(scene)


def test_no_answer_in_time_fails_the_object(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"hang\n", b=b"abc\n")
        client = {"InvocationsTimeoutInSeconds": 4, "InvocationsMaxRetries": 0}
        name = await stage.begin(ModelClientConfig=client)
        assert ended_as(await stage.ended(name)) == ("Failed", FAILED)
        assert stage.outputs() == {"b.out": b"cba\n"}
        assert "bucket/in/a: Unable to get response from algorithm" in stage.data_log(name)

    act(scene)


@pytest.mark.timings(transform_retry=0.5)
def test_a_container_that_dies_in_between_is_started_again_and_no_line_is_lost(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        numbers = [b"%d\n" % number for number in range(100, 130)]
        stage.put(a=b"".join([*numbers[:15], b"die-once\n", *numbers[15:]]))
        found = await stage.done(
            {"DELAY": "0.02"}, BatchStrategy="SingleRecord", MaxConcurrentTransforms=4
        )
        turned = [number[-2::-1] + b"\n" for number in numbers]
        assert found == {"a.out": b"".join([*turned[:15], b"ecno-eid\n", *turned[15:]])}
        assert len(stage.reported("environment")) == 2

    act(scene)


@pytest.mark.timings(transform_retry=0.5)
def test_one_that_dies_of_an_object_each_time_fails_that_object(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"die\n", b=b"abc\n")
        name = await stage.begin()
        assert ended_as(await stage.ended(name)) == ("Failed", FAILED)
        assert stage.outputs() == {"b.out": b"cba\n"}
        assert "bucket/in/a: Unable to get response from algorithm" in stage.data_log(name)
        assert stage.running() == []

    act(scene)


@pytest.mark.parametrize("pings", ["500", "500,200"], ids=["both", "one of two"])
@pytest.mark.timings(ping_refusals=0.3)
def test_a_container_that_says_no_to_its_pings_fails_the_job(act: Play, pings: str) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"hang\n", b=b"hang\n")
        before = asyncio.all_tasks()
        name = await stage.begin({"PING": pings}, instances=2)
        assert ended_as(await stage.ended(name)) == (
            "Failed",
            "AlgorithmError: Model container failed to respond to ping. Please ensure /ping "
            "endpoint is implemented and responds with an HTTP 200 status code",
        )
        assert stage.outputs() == {}
        await nothing_left(stage, before)

    act(scene)


async def nothing_left(stage: Stage, before: set[asyncio.Task[object]]) -> None:
    """No container, no folder, no place taken, and nobody at work any more."""
    await asyncio.gather(*stage.cloud.tasks.values())
    assert stage.running() == []
    assert not list(stage.folder.glob("jobs/*/*"))
    assert stage.cloud.instances._value == 2
    nursery = stage.cloud.engine._nursery._reader  # type: ignore[attr-defined]
    assert asyncio.all_tasks() - before - {nursery} == set()


async def forked(stage: Stage) -> None:
    """Returns when a fork that nobody wants any more has been made, and ended."""
    nursery = stage.cloud.engine._nursery  # type: ignore[attr-defined]
    async with nursery._asking:
        pass
    while stage.running():
        await asyncio.sleep(0.01)


def test_a_stopped_job_has_no_output_and_leaves_nothing_running(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"abc\n", b=b"hang\n")
        before = asyncio.all_tasks()
        name = await stage.begin()
        await stage.until_reported("body", 2)
        TransformJob.request_stop(stage.cloud, name)
        stopping = stage.cloud.records.get(TRANSFORM_JOB.kind, name)
        assert stopping["TransformJobStatus"] == "Stopping"
        assert ended_as(await stage.ended(name)) == ("Stopped", None)
        assert stage.outputs() == {}
        await nothing_left(stage, before)

    act(scene)


def test_a_job_can_be_stopped_at_every_moment(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"abc\n", b=b"hang\n")
        before = asyncio.all_tasks()
        await stage.cloud.engine.start()
        for turns in range(24):
            name = await stage.begin(instances=2)
            # Not to wait for something: to come at another moment each time.
            await asyncio.sleep(0.002 * turns)
            TransformJob.request_stop(stage.cloud, name)
            assert ended_as(await stage.ended(name)) == ("Stopped", None)
            await forked(stage)
            await nothing_left(stage, before)
        assert stage.outputs() == {}

    act(scene)


def test_a_job_that_waits_for_a_place_can_be_stopped(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"hang\n")
        names = [await stage.begin() for _ in range(3)]
        await stage.until_reported("body", 2)
        TransformJob.request_stop(stage.cloud, names[2])
        stopped = await stage.ended(names[2])
        assert ended_as(stopped) == ("Stopped", None)
        assert "TransformStartTime" not in stopped
        assert len(stage.reported("environment")) == 2

    act(scene)


def test_a_record_that_is_too_large_fails_its_object(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(large=b"x" * (MB + 1), small=b"y" * (MB - 1) + b"\n")
        reason = (
            "bucket/in/large: a record is larger than MaxPayloadInMB=1 allows; a larger payload "
            "or SplitType Line may help"
        )
        for strategy, split in (
            ("MultiRecord", "Line"), ("SingleRecord", "Line"), ("MultiRecord", "None"),
        ):  # fmt: skip
            name = await stage.begin(
                source={"SplitType": split}, MaxPayloadInMB=1, BatchStrategy=strategy
            )
            assert ended_as(await stage.ended(name)) == ("Failed", FAILED)
            assert reason in stage.data_log(name)
            assert {key: len(body) for key, body in stage.outputs().items()} == {"small.out": MB}
        assert set(stage.reported("size")) == {MB}

    act(scene)


def test_gzip_that_is_none_or_ends_too_early_fails_its_object(act: Play) -> None:
    zipped = gzip.compress(b"abc\n" * 100_000)

    async def scene(stage: Stage) -> None:
        stage.put(
            cut=zipped[:-9], damaged=zipped[:40] + b"xx" + zipped[42:], good=zipped, not_=b"a"
        )
        name = await stage.begin(source={"CompressionType": "Gzip"})
        assert ended_as(await stage.ended(name)) == ("Failed", FAILED)
        assert stage.outputs() == {"good.out": b"cba\n" * 100_000}
        said = stage.data_log(name)
        for key in ("cut", "damaged", "not_"):
            begin = f"bucket/in/{key}: ClientError: it is no gzip file: "
            assert [line for line in said if line.startswith(begin)], key

    act(scene)


@pytest.mark.timings(transform_retry=0.01)
def test_an_object_that_goes_away_meanwhile_fails_alone(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"hang\n", b=b"abc\n", c=b"def\n")
        name = await stage.begin(
            ModelClientConfig={"InvocationsTimeoutInSeconds": 4, "InvocationsMaxRetries": 0}
        )
        await stage.until_reported("body", 1)
        stage.cloud.objects._backend.delete_object("bucket", "in/b")
        assert ended_as(await stage.ended(name)) == ("Failed", FAILED)
        assert stage.outputs() == {"c.out": b"fed\n"}
        assert any(line.startswith("bucket/in/b: ") for line in stage.data_log(name))

    act(scene)
