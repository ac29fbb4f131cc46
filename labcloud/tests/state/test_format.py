"""A state directory that was made before is read, or refused in one sentence and left as it is."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labcloud.client import launch
from labcloud.containers.archives import unpack
from labcloud.state.home import Home
from labcloud_support.life import Life
from labcloud_support.template import template

# Made by labcloud as it was before the directory said its format: a bucket with four objects and
# an unfinished upload, an ECR repository, a training job, its model and an endpoint in service.
FORMAT_1 = Path(__file__).parent / "format-1.tar.gz"
# What a start makes anew.
_NOT_STATE = ("lock", "startup.txt")


def unpacked(path: Path) -> Path:
    unpack(FORMAT_1, path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the old directory."""
    return unpacked(tmp_path / "home")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The old directory as this version leaves it, with everything in it."""
    path = unpacked(tmp_path_factory.mktemp("made") / "home")
    Life(path).end(clean=True)
    return path


@pytest.fixture
def stamped(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "home"))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in _NOT_STATE
    }


@pytest.fixture
def life(folder: Path) -> Iterator[Life]:
    life = Life(folder)
    yield life
    life.end(clean=True)


def test_what_an_earlier_version_kept_is_there(life: Life) -> None:
    # The second start reads what the first one has written.
    for _ in range(2):
        s3, sagemaker = life.client("s3"), life.client("sagemaker")
        assert {
            item["Key"]: item["Size"] for item in s3.list_objects_v2(Bucket="kept")["Contents"]
        } == {
            "data/rows.csv": 240,
            "data/é ü.txt": 0,
            "output/kept/output/model.tar.gz": 940,
            "parts": 5 * 1024**2 + 3,
        }
        assert s3.get_object(Bucket="kept", Key="data/é ü.txt")["Metadata"] == {"who": "me"}
        assert s3.get_object(Bucket="kept", Key="parts")["Body"].read().endswith(b"\0end")
        (upload,) = s3.list_multipart_uploads(Bucket="kept")["Uploads"]
        (part,) = s3.list_parts(Bucket="kept", Key="open", UploadId=upload["UploadId"])["Parts"]
        assert part["Size"] == 5
        (repository,) = life.client("ecr").describe_repositories()["repositories"]
        assert repository["repositoryName"] == "kept"
        job = sagemaker.describe_training_job(TrainingJobName="kept")
        assert job["TrainingJobStatus"] == "Completed"
        tags = sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
        assert tags == [{"Key": "a", "Value": "b"}]
        answer = life.client("sagemaker-runtime").invoke_endpoint(
            EndpointName="kept", ContentType="text/csv", Body=b"1,0"
        )
        assert float(answer["Body"].read()) > 0.5
        life.end(clean=True)
        life.begin()


def test_an_upload_that_was_open_is_completed(life: Life) -> None:
    s3 = life.client("s3")
    (upload,) = s3.list_multipart_uploads(Bucket="kept")["Uploads"]
    (part,) = s3.list_parts(Bucket="kept", Key="open", UploadId=upload["UploadId"])["Parts"]
    s3.complete_multipart_upload(
        Bucket="kept", Key="open", UploadId=upload["UploadId"],
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )  # fmt: skip
    assert s3.get_object(Bucket="kept", Key="open")["Body"].read() == b"begun"


class Command:
    """What a pickle can do that anybody may have put there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., int], tuple[str]]:
        return os.system, (f"touch {self.path}",)


def refusal(folder: Path) -> str:
    """What a start says; it must not change the directory."""
    before = contents(folder)
    with pytest.raises(launch.StartFailed) as refused:
        launch.start(Home(folder), ["--port", "0"], detach=False, begin=template().fork)
    assert contents(folder) == before
    said = str(refused.value)
    assert "Traceback" not in said
    assert "\n" not in said
    assert "labcloud reset" in said
    return said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 3}, "has format 3 (made by labcloud 0.1.0), and labcloud"),
        ({"moto": "5.9"}, "was made by labcloud 0.1.0 with moto 5.9, and moto"),
        ({"format": None}, "seems to be damaged"),
    ],
)
def test_a_format_of_another_version(stamped: Path, changes: dict[str, object], said: str) -> None:
    path = stamped / "format.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"labcloud": "0.1.0"} | changes))
    assert said in refusal(stamped)


@pytest.mark.parametrize("name", ["format.json", "records.sqlite", "s3.sqlite", "ecr.pickle"])
@pytest.mark.parametrize("damage", ["other bytes", "cut off"])
def test_a_damaged_file(stamped: Path, name: str, damage: str) -> None:
    path = stamped / name
    whole = path.read_bytes()
    path.write_bytes(b"no state " * 500 if damage == "other bytes" else whole[: len(whole) // 2])
    assert name in refusal(stamped)


@pytest.mark.parametrize("name", ["records.sqlite", "s3.sqlite"])
def test_a_missing_database(stamped: Path, name: str) -> None:
    (stamped / name).unlink()
    assert f"{name} is missing or empty" in refusal(stamped)


def test_contents_without_their_databases_are_kept(stamped: Path) -> None:
    for name in ("records.sqlite", "s3.sqlite", "format.json"):
        (stamped / name).unlink()
    assert "s3.sqlite is missing" in refusal(stamped)


def test_databases_without_their_contents(stamped: Path) -> None:
    shutil.rmtree(stamped / "objects")
    (stamped / "objects").mkdir()
    assert "objects is missing or empty" in refusal(stamped)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("s3.sqlite", "DROP TABLE parts"),
        ("s3.sqlite", "DROP TABLE keys; CREATE TABLE keys (a)"),
        ("s3.sqlite", "DELETE FROM buckets"),
        ("records.sqlite", "ALTER TABLE records RENAME COLUMN body TO text"),
        ("records.sqlite", "DROP TABLE records"),
    ],
)
def test_a_database_of_another_shape(stamped: Path, name: str, damage: str) -> None:
    altered(stamped / name, damage)
    assert f"{name}, which seems to be damaged" in refusal(stamped)


def altered(path: Path, statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(statements)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"access_key": null, "secret_key": 5}'])
def test_credentials_that_are_none(stamped: Path, content: str) -> None:
    (stamped / "credentials.json").write_text(content)
    assert "credentials.json, which seems to be damaged" in refusal(stamped)


def test_a_job_that_cannot_be_recovered_costs_one_job(stamped: Path) -> None:
    altered(
        stamped / "records.sqlite",
        "UPDATE records SET body = json_set(body, '$.TrainingJobStatus', 'InProgress', "
        "'$.SecondaryStatusTransitions', 5) WHERE kind = 'training-job'",
    )
    life = Life(stamped)
    try:
        sagemaker = life.client("sagemaker")
        assert sagemaker.list_training_jobs()["TrainingJobSummaries"] == []
        assert sagemaker.list_models()["Models"] != []
    finally:
        life.end(clean=True)
    assert "cannot be recovered" in (stamped / "labcloud.log").read_text()


def test_a_pickle_that_names_a_function(stamped: Path, tmp_path: Path) -> None:
    trace = tmp_path / "was-run"
    (stamped / "ecr.pickle").write_bytes(pickle.dumps(Command(trace)))
    assert "does not belong to a state" in refusal(stamped)
    assert not trace.exists()


def test_a_pickle_that_names_a_function_in_the_database(stamped: Path, tmp_path: Path) -> None:
    trace = tmp_path / "was-run"
    with contextlib.closing(sqlite3.connect(stamped / "s3.sqlite")) as database:
        database.execute("UPDATE keys SET state = ?", (pickle.dumps(Command(trace)),))
        database.commit()
    assert "does not belong to a state" in refusal(stamped)
    assert not trace.exists()


@pytest.mark.parametrize(
    "body", ["no JSON", "[]", "5", "{}", '{"ModelName": "bad"}', '{"ModelName": null}', "{\xff",
             '{"CreationTime": "then", "ModelName": "bad", "ModelArn": "a"}']
)  # fmt: skip
def test_a_bad_record_costs_one_resource(stamped: Path, body: str) -> None:
    with contextlib.closing(sqlite3.connect(stamped / "records.sqlite")) as database:
        for kind in ("model", "endpoint", "training-job", "endpoint-config", "transform-job"):
            database.execute("INSERT INTO records VALUES (?, 'bad', ?)", (kind, body))
        database.commit()
        before = database.execute("SELECT count(*) FROM records").fetchone()[0]
    life = Life(stamped)
    try:
        sagemaker = life.client("sagemaker")
        for listed in (
            sagemaker.list_models()["Models"],
            sagemaker.list_endpoints()["Endpoints"],
            sagemaker.list_training_jobs()["TrainingJobSummaries"],
            sagemaker.list_endpoint_configs()["EndpointConfigs"],
            sagemaker.list_transform_jobs()["TransformJobSummaries"],
        ):
            assert "bad" not in str(listed)
    finally:
        life.end(clean=True)
    with contextlib.closing(sqlite3.connect(stamped / "records.sqlite")) as database:
        kept = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("records", "set_aside")]  # fmt: skip
    assert kept == [before - 5, 5]
    assert (stamped / "labcloud.log").read_text().count("was set aside") == 5


def test_reset_is_the_way_out(stamped: Path) -> None:
    (stamped / "format.json").write_text("{")
    assert "labcloud reset" in refusal(stamped)
    subprocess.run(
        [sys.executable, "-m", "labcloud", "reset", "--yes"],
        env=os.environ | {"LABCLOUD_HOME": str(stamped)},
        check=True,
    )
    Life(stamped).end(clean=True)
