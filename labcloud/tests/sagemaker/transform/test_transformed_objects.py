"""Which objects a transform job reads, how its outputs are named and put together, and joined."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

import pytest

from ..conftest import Play, Stage

FAILED = "AlgorithmError: See job logs for more information"
JOIN: dict[str, Any] = {
    "source": {"ContentType": "application/jsonlines"},
    "target": {"Accept": "application/jsonlines", "AssembleWith": "Line"},
}
JOIN_CSV: dict[str, Any] = {
    "source": {"ContentType": "text/csv"},
    "target": {"Accept": "text/csv", "AssembleWith": "Line"},
}


def prefix(uri: str, kind: str = "S3Prefix") -> dict[str, Any]:
    return {"DataSource": {"S3DataSource": {"S3DataType": kind, "S3Uri": uri}}}


def test_outputs_lie_where_their_inputs_lay_below_the_prefix(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"a\n", b__c=b"c\n", b__d__e=b"e\n", bc=b"x\n", folder__=b"")
        assert await stage.done(source=prefix("s3://bucket/in/b/")) == {
            "c.out": b"c\n",
            "d/e.out": b"e\n",
        }
        found = await stage.done(
            source=prefix("s3://bucket/in/b"), target={"S3OutputPath": "s3://bucket/second"}
        )
        assert found.keys() == {"c.out", "d/e.out"}
        # A prefix is text: it takes bc as well.
        assert stage.outputs("second/") == {"c.out": b"c\n", "d/e.out": b"e\n", "bc.out": b"x\n"}
        await stage.done(source=prefix("s3://bucket/in/a"), target={"S3OutputPath": "s3://bucket/"})
        assert stage.outputs("a.out") == {"": b"a\n"}

    act(scene)


def test_two_inputs_of_one_name_are_no_failure(act: Play) -> None:
    """The prefix `in/a` names a folder and is the beginning of another key."""

    async def scene(stage: Stage) -> None:
        stage.put(**{"a.csv": b"1\n", "a__a.csv": b"1\n"})
        assert await stage.done(source=prefix("s3://bucket/in/a")) == {"a.csv.out": b"1\n"}
        assert len(stage.reported("body")) == 2

    act(scene)


def test_a_manifest_names_the_objects(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"abc\n", b__c=b"def\n", left__out=b"no\n")
        manifest = [{"prefix": "s3://bucket/in/"}, "b/c", "a"]
        stage.put(manifest=json.dumps(manifest).encode())
        source = prefix("s3://bucket/in/manifest", "ManifestFile")
        assert await stage.done(source=source) == {"a.out": b"cba\n", "b/c.out": b"fed\n"}
        # In the order of the manifest.
        assert stage.reported("body") == ["def\n", "abc\n"]

    act(scene)


def test_what_a_manifest_names_and_is_not_there_fails_alone(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        manifest = [{"prefix": "s3://bucket/in/"}, "nobody", "a"]
        stage.put(a=b"abc\n", manifest=json.dumps(manifest).encode())
        name = await stage.begin(source=prefix("s3://bucket/in/manifest", "ManifestFile"))
        assert (await stage.ended(name))["FailureReason"] == FAILED
        assert stage.outputs() == {"a.out": b"cba\n"}
        assert any(line.startswith("bucket/in/nobody: ") for line in stage.data_log(name))

    act(scene)


def test_a_manifest_that_is_none_fails_the_job(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        for text in (b"a\n", b"{}", b"[]", b'["a"]', b'[{"prefix":"x"},"a"]', b"\xff", b"[1]"):
            stage.put(manifest=text)
            found = await stage.run(source=prefix("s3://bucket/in/manifest", "ManifestFile"))
            assert found["TransformJobStatus"] == "Failed"
            assert found["FailureReason"] == (
                "ClientError: The manifest s3://bucket/in/manifest is not a list of "
                '{"prefix": "s3://…"} and names'
            ), text
        for names in ([], [1], [""], [["a"]]):
            stage.put(manifest=json.dumps([{"prefix": "s3://bucket/in/"}, *names]).encode())
            found = await stage.run(source=prefix("s3://bucket/in/manifest", "ManifestFile"))
            assert found["FailureReason"] == (
                "ClientError: The manifest s3://bucket/in/manifest must name objects after its "
                "prefix"
            ), names

    act(scene)


def test_an_empty_object_asks_nothing_and_has_an_empty_output(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        for split in ("None", "Line"):
            stage.put(empty=b"")
            found = await stage.done(source={"SplitType": split}, target={"AssembleWith": "Line"})
            assert found == {"empty.out": b""}
        assert stage.reported("body") == []

    act(scene)


def test_gzip_is_unpacked_on_the_way(act: Play) -> None:
    lines = b"".join(b"%d\n" % number for number in range(100_000))

    async def scene(stage: Stage) -> None:
        # Several members, one after the other, are one file.
        stage.put(**{"a.gz": gzip.compress(lines[:77]) + gzip.compress(lines[77:])})
        (found,) = (await stage.done(source={"CompressionType": "Gzip"}, MaxPayloadInMB=1)).items()
        assert found == ("a.gz.out", b"\n".join(line[::-1] for line in lines.split(b"\n")))

    act(scene)


@pytest.mark.parametrize("strategy", ["SingleRecord", "MultiRecord"])
def test_answers_are_put_together_as_they_are_or_line_by_line(act: Play, strategy: str) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"ab\ncd\nef")
        answers = [b"ba", b"dc", b"fe"] if strategy == "SingleRecord" else [b"fe\ndc\nba"]
        for assemble, output in (
            ("None", b"".join(answers)), ("Line", b"".join(answer + b"\n" for answer in answers)),
        ):  # fmt: skip
            found = await stage.done(
                {"STRIP": "1"}, target={"AssembleWith": assemble}, BatchStrategy=strategy
            )
            assert found == {"a.out": output}

    act(scene)


def test_joined_lines_keep_their_order_and_their_predictions(act: Play) -> None:
    chance = random.Random(7)
    records = [{"id": n, "x": [chance.random()] * chance.randrange(4)} for n in range(60)]

    async def scene(stage: Stage) -> None:
        stage.put(a=b"".join(json.dumps(record).encode() + b"\n" for record in records))
        processing = {"InputFilter": "$.x", "JoinSource": "Input"}
        for strategy in ("SingleRecord", "MultiRecord"):
            (output,) = (
                await stage.done(
                    {"WRAP": "1", "DELAY": "0.05"},
                    **JOIN,
                    BatchStrategy=strategy,
                    MaxConcurrentTransforms=8,
                    DataProcessing=processing,
                )
            ).values()
            found = [json.loads(line) for line in output.splitlines()]
            assert found == [{**r, "SageMakerOutput": {"seen": r["x"]}} for r in records]

    act(scene)


def test_csv_is_filtered_before_and_after_and_blank_lines_are_no_records(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b'"i,d",1,2\n\nother,3,4\r\n \nlast,5,6')
        processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-2,-1]"}
        found = await stage.done(**JOIN_CSV, DataProcessing=processing)
        assert stage.reported("body") == ["1,2\n3,4\n5,6\n"]
        assert found == {"a.out": b'"i,d",2,1\nother,4,3\nlast,6,5\n'}

    act(scene)


def test_what_cannot_be_joined_fails_its_object_and_says_so(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(bad=b'"a\n', good=b"12,3\n", none=b"nothing\n", short=b"1\n")
        processing = {"JoinSource": "Input", "OutputFilter": "$[1,3]"}
        name = await stage.begin(**JOIN_CSV, DataProcessing=processing)
        assert (await stage.ended(name))["FailureReason"] == FAILED
        assert stage.outputs() == {"good.out": b"3,21\n"}
        said = stage.data_log(name)
        assert any(line.startswith("bucket/in/bad: Failed to parse ") for line in said)
        assert "bucket/in/none: Failed to join: 1 records, but 0 predictions" in said
        assert "bucket/in/short: Failed to apply a filter: $[1,3] is not in the record" in said

    act(scene)


def test_a_filter_that_aws_finds_wrong_when_the_job_runs_is_in_the_log(act: Play) -> None:
    """Public issue aws/sagemaker-python-sdk#1112 shows the line."""

    async def scene(stage: Stage) -> None:
        stage.put(a=b"1,2\n")
        processing = {"OutputFilter": "$[0:2,246:]"}
        name = await stage.begin(**JOIN_CSV, DataProcessing=processing)
        assert (await stage.ended(name))["FailureReason"] == FAILED
        assert stage.data_log(name)[1:] == [
            "bucket/in/a: Invalid JsonPath: $[0:2,246:]: only single range filters of format (eg: "
            "[1:5]) are supported. Format [0:2,246:] is not supported"
        ]
        assert stage.outputs() == {}

    act(scene)


def test_json_lines_are_records_also_where_the_object_is_not_split(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b'{"x":"12"}\n\n{"x":"34"}', none=b"")
        found = await stage.run(
            source={"ContentType": "application/jsonlines", "SplitType": "None"},
            target={"Accept": "application/jsonlines"},
            DataProcessing={"InputFilter": "$.x", "JoinSource": "Input"},
        )
        assert found["TransformJobStatus"] == "Completed"
        assert stage.outputs() == {
            "a.out": b'{"SageMakerOutput":"21","x":"12"}\n{"SageMakerOutput":"43","x":"34"}\n',
            "none.out": b"",
        }

    act(scene)


def test_an_output_bucket_that_is_not_there_fails_the_job(act: Play) -> None:
    async def scene(stage: Stage) -> None:
        stage.put(a=b"1\n")
        found = await stage.run(target={"S3OutputPath": "s3://nobody/out"})
        assert found["TransformJobStatus"] == "Failed"
        assert found["FailureReason"].startswith("ClientError: ")
        assert "s3://nobody/out/a.out" in found["FailureReason"]

    act(scene)
