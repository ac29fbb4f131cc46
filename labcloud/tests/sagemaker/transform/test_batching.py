"""What a transform job asks of its container: bodies, how many at a time, what it is told."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from ..conftest import Play, Stage

MB = 1024**2
LINES = [f"{number} abc\n".encode() for number in range(40)]
TURNED = b"".join(line[-2::-1] + b"\n" for line in LINES)


def test_single_record_sends_line_by_line_and_multi_record_all_of_them(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"".join(LINES))
        assert await stage.done(BatchStrategy="SingleRecord") == {"a.out": TURNED}
        assert stage.reported("body") == [line.decode() for line in LINES]
        assert await stage.done(BatchStrategy="MultiRecord") == {"a.out": TURNED}
        assert stage.reported("body")[len(LINES) :] == [b"".join(LINES).decode()]

    act(scene)


def test_without_a_split_an_object_is_one_request(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"".join(LINES), b=b"no end")
        found = await stage.done(source={"SplitType": "None"}, BatchStrategy="SingleRecord")
        assert found == {"a.out": TURNED, "b.out": b"dne on"}
        assert stage.reported("body") == [b"".join(LINES).decode(), "no end"]

    act(scene)


def test_no_request_is_larger_than_the_payload_may_be_and_none_half_empty(act: Play) -> None:
    line = b"x" * 99_999 + b"\n"

    async def scene(stage: Stage) -> None:
        stage.put(a=line * 50)
        assert await stage.done(MaxPayloadInMB=2) == {"a.out": line * 50}
        most = 2 * MB // len(line)
        assert stage.reported("size") == [most * len(line)] * 2 + [(50 - 2 * most) * len(line)]

    act(scene)


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
def test_a_payload_without_limit_is_the_whole_object_at_once(act: Play, zipped: bool) -> None:
    body = b"".join(b"%d\n" % number for number in range(2_000_000))

    async def scene(stage: Stage) -> None:
        stage.put(a=gzip.compress(body, 1) if zipped else body)
        source = {"CompressionType": "Gzip" if zipped else "None"}
        (found,) = (await stage.done(source=source, MaxPayloadInMB=0)).values()
        assert stage.reported("size") == [len(body)]
        assert found == b"\n".join(line[::-1] for line in body.split(b"\n"))
        # The container learns nothing of the file that the object lies in.
        (headers,) = stage.reported("headers")
        assert "content-disposition" not in headers

    act(scene)


def test_as_many_requests_at_a_time_as_were_asked_for_and_no_more(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"".join(LINES))
        for number in (1, 2, 5):
            found = await stage.done(
                {"TOGETHER": str(number), "DELAY": "0.01"},
                BatchStrategy="SingleRecord",
                MaxConcurrentTransforms=number,
            )
            assert found == {"a.out": TURNED}
            assert max(stage.reported("most")[-len(LINES) :]) == number

    act(scene)


def test_the_order_of_the_lines_stays_whatever_the_delays(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"".join(LINES), b__c=b"".join(reversed(LINES)))
        found = await stage.done(
            {"DELAY": "0.1"}, BatchStrategy="SingleRecord", MaxConcurrentTransforms=10
        )
        turned = b"".join(line[-2::-1] + b"\n" for line in reversed(LINES))
        assert found == {"a.out": TURNED, "b/c.out": turned}
        # They did overtake each other.
        assert max(stage.reported("most")) > 1

    act(scene)


OWN = {"MaxConcurrentTransforms": 3, "MaxPayloadInMB": 2, "BatchStrategy": "SINGLE_RECORD"}


SETTLED: list[tuple[Any, dict[str, Any], tuple[int, int, str]]] = [
    (None, {}, (1, 6, "MULTI_RECORD")),
    (OWN, {}, (3, 2, "SINGLE_RECORD")),
    (OWN, {"MaxPayloadInMB": 5}, (3, 5, "SINGLE_RECORD")),
    (OWN, {"MaxConcurrentTransforms": 0}, (3, 2, "SINGLE_RECORD")),
    (
        OWN,
        {"MaxConcurrentTransforms": 2, "BatchStrategy": "MultiRecord", "MaxPayloadInMB": 0},
        (2, 0, "MULTI_RECORD"),
    ),
    ({"MaxPayloadInMB": 9}, {"BatchStrategy": "SingleRecord"}, (1, 9, "SINGLE_RECORD")),
    ("no object", {}, (1, 6, "MULTI_RECORD")),
    ({"MaxPayloadInMB": "9", "BatchStrategy": "x"}, {}, (1, 6, "MULTI_RECORD")),
    ({"MaxPayloadInMB": -1, "MaxConcurrentTransforms": 0}, {}, (1, 6, "MULTI_RECORD")),
]


def test_the_request_decides_then_the_container_then_the_defaults(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"1\n2\n")
        for parameters, request, (concurrency, payload, strategy) in SETTLED:
            before = len(stage.reported("body"))
            own = {} if parameters is None else {"PARAMETERS": json.dumps(parameters)}
            name = await stage.begin(own, **request)
            assert (await stage.ended(name))["TransformJobStatus"] == "Completed"
            assert stage.data_log(name)[0] == (
                f"MaxConcurrentTransforms={concurrency}, MaxPayloadInMB={payload}, "
                f"BatchStrategy={strategy}"
            )
            requests = 2 if strategy == "SINGLE_RECORD" else 1
            assert len(stage.reported("body")) - before == requests

    act(scene)


TOLD: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {}),
    (
        {"MaxPayloadInMB": 2, "BatchStrategy": "SingleRecord", "MaxConcurrentTransforms": 4},
        {
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": "2",
            "SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD",
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "4",
        },
    ),
    ({"BatchStrategy": "MultiRecord"}, {"SAGEMAKER_BATCH_STRATEGY": "MULTI_RECORD"}),
]


def test_a_container_is_told_what_it_is_and_what_the_request_sets(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"1\n")
        for request, told in TOLD:
            await stage.done({"PARAMETERS": json.dumps(OWN)}, **request)
            batch = {
                name: value
                for name, value in stage.reported("environment")[-1].items()
                if name.startswith("SAGEMAKER_") and name != "SAGEMAKER_REGION"
            }
            assert batch == {"SAGEMAKER_BATCH": "true", **told}

    act(scene)


def test_the_environment_of_the_request_stands_over_the_model_s(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"1\n")
        await stage.done({"A": "model", "B": "model"}, Environment={"B": "job", "C": "job"})
        (environment,) = stage.reported("environment")
        assert {name: environment[name] for name in "ABC"} == {"A": "model", "B": "job", "C": "job"}

    act(scene)


def test_content_type_and_accept_are_the_request_s_and_none_where_there_is_none(
    act: Play,
) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"1\n")
        await stage.done(source={"ContentType": "text/x"}, target={"Accept": "text/y"})
        await stage.done()
        first, second = stage.reported("headers")
        assert (first["content-type"], first["accept"]) == ("text/x", "text/y")
        assert not {"content-type", "accept", "user-agent"} & second.keys()
        assert set(stage.reported("path")) == {"/invocations"}

    act(scene)


def test_two_instances_share_the_objects_and_nothing_is_done_twice(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(**{f"k{number}": b"%d\n" % (number + 10) for number in range(7)})
        found = await stage.done(instances=2)
        assert found == {f"k{n}.out": str(n + 10)[::-1].encode() + b"\n" for n in range(7)}
        pids = stage.reported("pid")[-7:]
        assert len(stage.reported("environment")) == 2
        assert sorted(stage.reported("body")) == sorted(f"{n + 10}\n" for n in range(7))
        assert len(set(pids)) == 2

    act(scene)
