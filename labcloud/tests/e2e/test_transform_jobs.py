"""Transform jobs through boto3, with a model that XGBoost has trained: every option to the byte."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labcloud_support.life import LOST, Life

from .conftest import GOLDEN
from .transforms import Transforms

REFUSED = "ClientError: See job logs for more information"
ROWS = ["5.9,3.0,5.1,1.8", "5.4,3.0,4.5,1.5", "5.0,3.5,1.3,0.3"]


@pytest.fixture(scope="session")
def answers() -> list[str]:
    """What AWS's container has answered to these rows in batch, recorded."""
    cases = json.loads((GOLDEN / "xgboost-serving.json").read_text())["cases"]
    (case,) = [case for case in cases if case["id"] == "softprob/batch/csv-three-rows"]
    assert case["request"]["body"].split("\n") == ROWS
    found: list[str] = case["expected"]["body"].splitlines()
    assert len(found) == len(ROWS)
    return found


@pytest.fixture(scope="session")
def transforms(client: Callable[[str], Any], bucket: str, model: str) -> Transforms:
    return Transforms(client, bucket, model)


def joined(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_each_object_has_its_output_beside_it(
    transforms: Transforms, answers: list[str], name: str
) -> None:
    first, second, third = ROWS
    objects = {
        "a.csv": joined(first, second),
        "sub/b.csv": joined(third),
        "sub/sub/c": joined(second)[:-1],
        "sub/empty": b"",
    }
    assert transforms.done(name, objects) == {
        "a.csv.out": joined(answers[0], answers[1]),
        "sub/b.csv.out": joined(answers[2]),
        "sub/sub/c.out": joined(answers[1]),
        "sub/empty.out": b"",
    }


@pytest.mark.parametrize(
    "options",
    [
        {"source": {"SplitType": "None"}},
        {"target": {"AssembleWith": "Line"}},
        {"BatchStrategy": "SingleRecord", "MaxConcurrentTransforms": 4},
        {"BatchStrategy": "MultiRecord", "MaxPayloadInMB": 1},
        {"target": {"Accept": "application/json", "AssembleWith": "Line"}},
        {"source": {"ContentType": "text/csv; charset=utf-8"}},
        {"TransformResources": {"InstanceType": "ml.m4.xlarge", "InstanceCount": 2}},
        {"ModelClientConfig": {"InvocationsTimeoutInSeconds": 60, "InvocationsMaxRetries": 1}},
    ],
    ids=str,
)
def test_the_answers_are_those_of_aws_s_container_whatever_the_options(
    transforms: Transforms, answers: list[str], name: str, options: dict[str, Any]
) -> None:
    wanted = joined(*answers)
    found = transforms.done(name, {"a": joined(*ROWS), "b": joined(*ROWS)}, **options)
    assert found == {"a.out": wanted, "b.out": wanted}


def test_gzip_and_a_manifest(
    transforms: Transforms, answers: list[str], name: str, bucket: str
) -> None:
    zipped = {"rows.gz": gzip.compress(joined(*ROWS)), "left-out": b"never read"}
    place = f"s3://{bucket}/transform/{name}/in/"
    manifest = json.dumps([{"prefix": place}, "rows.gz"]).encode()
    transforms.put(name, {"manifest": manifest})
    source = {"S3DataType": "ManifestFile", "S3Uri": f"{place}manifest"}
    options = {"CompressionType": "Gzip", "DataSource": {"S3DataSource": source}}
    found = transforms.done(name, zipped, source=options)
    assert found == {"rows.gz.out": joined(*answers)}


def test_a_hundred_thousand_rows_come_out_in_their_order_from_many_requests(
    transforms: Transforms, answers: list[str], name: str
) -> None:
    numbers = [(number * number) % 3 for number in range(100_000)]
    content = joined(*[ROWS[number] for number in numbers])
    assert len(content) > 1024**2
    found = transforms.done(name, {"a": content}, MaxPayloadInMB=1, MaxConcurrentTransforms=4)
    assert found["a.out"] == joined(*[answers[number] for number in numbers])


def test_the_endpoint_predicts_the_same(
    transforms: Transforms, client: Any, endpoint: str, name: str
) -> None:
    output = transforms.done(name, {"a": joined(*ROWS)})["a.out"].decode()
    invoke = client("sagemaker-runtime").invoke_endpoint
    body = invoke(EndpointName=endpoint, ContentType="text/csv", Body="\n".join(ROWS))["Body"]
    predictions = [[float(each) for each in line.split(b",")] for line in body.read().split()]
    assert [json.loads(line) for line in output.splitlines()] == predictions


JOIN = {"target": {"Accept": "text/csv", "AssembleWith": "Line"}}


@pytest.mark.parametrize(
    ("processing", "wanted"),
    [
        ({}, "{answer}"),
        ({"InputFilter": "$[1:]"}, "{answer}"),
        ({"InputFilter": "$[1:]", "JoinSource": "Input"}, "{id},{row},{answer}"),
        (
            {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-3,-2,-1]"},
            "{id},{answer}",
        ),
        ({"InputFilter": "$[-4:]", "OutputFilter": "$[1:]"}, "{tail}"),
    ],
    ids=str,
)
def test_filters_and_joins_of_csv(
    transforms: Transforms,
    answers: list[str],
    name: str,
    processing: dict[str, str],
    wanted: str,
) -> None:
    ids = ["one", '"t,wo"', "three"] if processing else [""] * 3
    content = [f"{id},{row}" if id else row for id, row in zip(ids, ROWS, strict=True)]
    found = transforms.done(name, {"a": joined(*content)}, DataProcessing=processing, **JOIN)
    # A list in AWS's batch answers is no CSV, but made of commas.
    tails = [answer.split(",", 1)[1] for answer in answers]
    assert found["a.out"] == joined(
        *[
            wanted.format(id=id, row=row, answer=answer, tail=tail)
            for id, row, answer, tail in zip(ids, ROWS, answers, tails, strict=True)
        ]
    )


def test_one_bad_object_fails_the_job_and_the_others_are_written(
    transforms: Transforms, answers: list[str], name: str, bucket: str
) -> None:
    objects = {"a": joined(ROWS[0]), "bad/row": joined(ROWS[1], "1,2,x,4"), "z": joined(ROWS[2])}
    job = transforms.run(name, objects)
    assert (job["TransformJobStatus"], job["FailureReason"]) == ("Failed", REFUSED)
    assert transforms.outputs(name) == {"a.out": joined(answers[0]), "z.out": joined(answers[2])}
    said = transforms.data_log(name)
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"
    assert all(re.match(rf"{time}:\[sagemaker logs\]: ", line) for line in said)
    begin = f"[sagemaker logs]: {bucket}/transform/{name}/in/bad/row: "
    bad = [line.split(begin, 1)[1] for line in said if begin in line]
    assert bad[:3] == ["ClientError: 415", "", "Message:"]
    assert "could not convert string to float: np.str_('x')" in bad[-1]


def test_both_streams_of_an_instance_are_there_from_the_start(
    transforms: Transforms, name: str
) -> None:
    transforms.run(name, {"a": joined(*ROWS)})
    container, data = sorted(transforms.streams(name))
    assert re.fullmatch(rf"{name}/i-[0-9a-f]+-\d+", container)
    assert data == f"{container}/data-log"
    assert re.search(
        r"\[sagemaker logs\]: MaxConcurrentTransforms=\d+, MaxPayloadInMB=6, "
        r"BatchStrategy=MULTI_RECORD$",
        transforms.data_log(name)[0],
    )


def test_describe_shows_what_was_not_said(transforms: Transforms, name: str) -> None:
    request = transforms.request(name)
    job = transforms.run(name, {"a": joined(*ROWS)})
    assert job["DataProcessing"] == {
        "InputFilter": "$",
        "OutputFilter": "$",
        "JoinSource": "None",
    }
    assert job["TransformInput"] == {**request["TransformInput"], "CompressionType": "None"}
    assert job["TransformOutput"].items() >= {
        **request["TransformOutput"], "AssembleWith": "None"
    }.items()  # fmt: skip
    assert job["TransformResources"] == request["TransformResources"]
    arn = "arn:aws:sagemaker:us-east-1:123456789012:transform-job"
    assert job["TransformJobArn"] == f"{arn}/{name}"
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"]
    absent = {
        "BatchStrategy", "MaxConcurrentTransforms", "MaxPayloadInMB",
        "ModelClientConfig", "FailureReason",
    }  # fmt: skip
    assert not absent & job.keys()


def test_a_kill_leaves_no_job_in_progress_and_no_output(
    life: Life, golden: dict[str, Any], request_of: Any, bucket: str, tmp_path: Path
) -> None:
    s3, sagemaker = life.client("s3"), life.client("sagemaker")
    s3.create_bucket(Bucket=bucket)
    for key in golden["softprob"]["channels"].values():
        s3.put_object(Bucket=bucket, Key=f"{key}/data", Body=golden["files"][key].encode())
    training = request_of("t", golden["softprob"])
    sagemaker.create_training_job(**training)
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="t")
    artifact = sagemaker.describe_training_job(TrainingJobName="t")["ModelArtifacts"]
    image = training["AlgorithmSpecification"]["TrainingImage"]
    container = {"Image": image, "ModelDataUrl": artifact["S3ModelArtifacts"]}
    sagemaker.create_model(ModelName="m", PrimaryContainer=container)
    transforms = Transforms(life.client, bucket, "m")
    assert transforms.run("before", {"a": joined(*ROWS)})["TransformJobStatus"] == "Completed"
    kept = transforms.outputs("before")
    transforms.put("running", {"a": joined(*ROWS) * 200_000})
    sagemaker.create_transform_job(
        **transforms.request("running", BatchStrategy="SingleRecord", MaxConcurrentTransforms=1)
    )
    described = sagemaker.describe_transform_job(TransformJobName="running")
    assert described["TransformJobStatus"] == "InProgress"

    life.kill()
    life.begin()

    transforms = Transforms(life.client, bucket, "m")
    lost = transforms.ended("running")
    assert (lost["TransformJobStatus"], lost["FailureReason"]) == ("Failed", LOST)
    assert lost["TransformEndTime"] >= lost["CreationTime"]
    assert transforms.outputs("running") == {}
    assert transforms.outputs("before") == kept
    assert transforms.ended("before")["TransformJobStatus"] == "Completed"
    assert transforms.run("after", {"a": joined(*ROWS)})["TransformJobStatus"] == "Completed"
    assert transforms.outputs("after") == kept
    assert not list(life.home.jobs.glob("transform/*"))
