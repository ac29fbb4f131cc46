"""A disk that fills up under a running labcloud: refused is refused, acknowledged is kept.

The disk is a small tmpfs, which only root can mount.
"""

from __future__ import annotations

import errno
import gzip
import io
import os
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from labcloud import launch
from tests.e2e.conftest import IMAGE, ROLE, variant
from tests.e2e.test_durability import SLOW, Life

_CAN_MOUNT = sys.platform == "linux" and os.geteuid() == 0
_PAGE = 4096
# What is free when an operation comes (pages): each stops it at another step, the last at none.
ROOMS = (0, 1, 2, 3, 4, 6, 10, 24)
CODES = {"s3": {"InternalError"}, "sagemaker": {"InternalFailure", "ServiceUnavailable"}}
OLD, NEW = b"o" * 5000, b"n" * 5000


class Disk:
    """A disk of 3 MB, which can be filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, leaving: int = 0) -> None:
        """Takes all the room but some (pages)."""
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(_PAGE))
            except OSError as error:
                assert error.errno == errno.ENOSPC
        # The last page may hold less than a page.
        whole = self._ballast.stat().st_size // _PAGE
        os.truncate(self._ballast, max(0, whole - leaving) * _PAGE)

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if not _CAN_MOUNT:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this container may not mount a small disk")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def life(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    """A labcloud on that disk; boto3 asks it once, and not again when it is refused."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    found = Life(disk.folder / "state")
    yield found
    disk.free()
    launch.stop(found.home)


def acknowledged(call: Callable[..., Any], **request: Any) -> bool:
    """Whether a call was. A refusal must be one of AWS's, and say what is the matter."""
    service = call.__self__.meta.service_model.service_name  # type: ignore[attr-defined]
    try:
        call(**request)
    except ClientError as error:
        said = error.response["Error"]
        assert said["Code"] in CODES[service], error.response
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500
        assert re.search(r"disk (is )?full", said["Message"], re.IGNORECASE), said
        return False
    return True


# ---- S3 -----------------------------------------------------------------------------------------

Content = dict[str, dict[str, bytes]]


def content(s3: Any) -> Content:
    """Everything that S3 shows: bucket, key, what the object holds."""
    return {
        bucket["Name"]: {
            item["Key"]: s3.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read()
            for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])
        }
        for bucket in s3.list_buckets()["Buckets"]
    }


def put(s3: Any, kept: Content, turn: int) -> None:
    if acknowledged(s3.put_object, Bucket="full", Key=f"new-{turn}", Body=NEW):
        kept["full"][f"new-{turn}"] = NEW


def overwrite(s3: Any, kept: Content, turn: int) -> None:
    body = f"{turn}".encode() * 5000
    if acknowledged(s3.put_object, Bucket="full", Key="old", Body=body):
        kept["full"]["old"] = body


def copy(s3: Any, kept: Content, turn: int) -> None:
    source = {"Bucket": "full", "Key": "old"}
    if acknowledged(s3.copy_object, Bucket="full", Key=f"copy-{turn}", CopySource=source):
        kept["full"][f"copy-{turn}"] = OLD


def copy_over(s3: Any, kept: Content, turn: int) -> None:
    source = {"Bucket": "full", "Key": f"victim-{turn}"}
    if acknowledged(s3.copy_object, Bucket="full", Key="old", CopySource=source):
        kept["full"]["old"] = b"victim" * turn


def upload_in_parts(s3: Any, kept: Content, turn: int) -> None:
    place = {"Bucket": "full", "Key": "old"}
    try:
        place["UploadId"] = s3.create_multipart_upload(**place)["UploadId"]
        etag = s3.upload_part(**place, PartNumber=1, Body=NEW)["ETag"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InternalError"
        return
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    if acknowledged(s3.complete_multipart_upload, **place, MultipartUpload=parts):
        kept["full"]["old"] = NEW


def create_bucket(s3: Any, kept: Content, turn: int) -> None:
    if acknowledged(s3.create_bucket, Bucket=f"bucket-{turn}"):
        kept[f"bucket-{turn}"] = {}


def delete(s3: Any, kept: Content, turn: int) -> None:
    if acknowledged(s3.delete_object, Bucket="full", Key=f"victim-{turn}"):
        del kept["full"][f"victim-{turn}"]


def delete_two(s3: Any, kept: Content, turn: int) -> None:
    names = [f"victim-{turn}", f"second-{turn}"]
    objects = {"Objects": [{"Key": name} for name in names]}
    if acknowledged(s3.delete_objects, Bucket="full", Delete=objects):
        for name in names:
            del kept["full"][name]


def delete_bucket(s3: Any, kept: Content, turn: int) -> None:
    if acknowledged(s3.delete_bucket, Bucket=f"empty-{turn}"):
        del kept[f"empty-{turn}"]


@pytest.mark.parametrize(
    "operation",
    [put, overwrite, copy, copy_over, upload_in_parts, create_bucket, delete, delete_two,
     delete_bucket],
    ids=lambda operation: operation.__name__,
)  # fmt: skip
def test_s3_on_a_full_disk(
    life: Life, disk: Disk, operation: Callable[[Any, Content, int], None]
) -> None:
    s3, pid = life.client("s3"), life.running.pid
    kept: Content = {"full": {"old": OLD}}
    s3.create_bucket(Bucket="full")
    s3.put_object(Bucket="full", Key="old", Body=OLD)
    for turn in range(len(ROOMS)):
        for name, body in ((f"victim-{turn}", b"victim" * turn), (f"second-{turn}", b"2")):
            s3.put_object(Bucket="full", Key=name, Body=body)
            kept["full"][name] = body
        s3.create_bucket(Bucket=f"empty-{turn}")
        kept[f"empty-{turn}"] = {}

    for turn, room in enumerate(ROOMS):
        disk.fill(leaving=room)
        operation(s3, kept, turn)
        assert content(s3) == kept, f"{room} pages were free"

    disk.free()
    s3.put_object(Bucket="full", Key="after", Body=NEW)
    kept["full"]["after"] = NEW
    assert content(s3) == kept
    assert psutil.Process(life.running.pid).is_running()
    assert life.running.pid == pid
    life.kill()
    life.begin()
    assert content(life.client("s3")) == kept


def test_tags_and_versions_on_a_full_disk(life: Life, disk: Disk) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="full")
    s3.put_bucket_versioning(Bucket="full", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="full", Key="k", Body=OLD, Tagging="colour=red")

    def seen(s3: Any) -> Any:
        listed = s3.list_object_versions(Bucket="full")
        return (
            [item["VersionId"] for item in listed["Versions"]],
            [item["VersionId"] for item in listed.get("DeleteMarkers", [])],
            s3.get_object_tagging(Bucket="full", Key="k")["TagSet"],
            s3.get_bucket_versioning(Bucket="full")["Status"],
        )

    off = {"Status": "Suspended"}
    tags = {"TagSet": [{"Key": "colour", "Value": "blue"}]}
    calls: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (s3.put_object_tagging, {"Key": "k", "Tagging": tags}),
        (s3.put_object, {"Key": "k", "Body": NEW}),
        (s3.delete_object, {"Key": "k"}),
        (s3.put_bucket_versioning, {"VersioningConfiguration": off}),
    ]
    before = seen(s3)
    for call, request in calls:
        disk.fill()
        assert not acknowledged(call, Bucket="full", **request)
        assert seen(s3) == before, call.__name__
    disk.free()
    life.kill()
    life.begin()
    assert seen(life.client("s3")) == before


# ---- SageMaker ----------------------------------------------------------------------------------

Records = dict[str, Any]


def records(sagemaker: Any) -> Records:
    """Everything that SageMaker shows of what the operations below make."""
    tagged = sagemaker.describe_model(ModelName="tagged")["ModelArn"]
    return {
        "models": every(sagemaker, "list_models", "Models[].ModelName"),
        "configs": every(
            sagemaker, "list_endpoint_configs", "EndpointConfigs[].EndpointConfigName"
        ),
        "jobs": every(sagemaker, "list_training_jobs", "TrainingJobSummaries[].TrainingJobName"),
        "tags": every(sagemaker, "list_tags", "Tags[].Key", ResourceArn=tagged),
    }


def every(sagemaker: Any, operation: str, what: str, **request: Any) -> list[str]:
    """The names on all pages of a list."""
    return sorted(sagemaker.get_paginator(operation).paginate(**request).search(what))


def create_model(sagemaker: Any, kept: Records, turn: int, **_: Any) -> None:
    container = {"Image": IMAGE, "Environment": {"LONG": "x" * 1000}}
    if acknowledged(sagemaker.create_model, ModelName=f"model-{turn}", PrimaryContainer=container):
        kept["models"].append(f"model-{turn}")


def create_endpoint_config(sagemaker: Any, kept: Records, turn: int, **_: Any) -> None:
    if acknowledged(
        sagemaker.create_endpoint_config,
        EndpointConfigName=f"config-{turn}",
        ProductionVariants=[variant("tagged")],
    ):
        kept["configs"].append(f"config-{turn}")


def add_tags(sagemaker: Any, kept: Records, turn: int, **_: Any) -> None:
    arn = sagemaker.describe_model(ModelName="tagged")["ModelArn"]
    tags = [{"Key": f"key-{turn:02}", "Value": "v" * 200}]
    if acknowledged(sagemaker.add_tags, ResourceArn=arn, Tags=tags):
        kept["tags"].append(f"key-{turn:02}")


def delete_model(sagemaker: Any, kept: Records, turn: int, **_: Any) -> None:
    if acknowledged(sagemaker.delete_model, ModelName=f"victim-{turn}"):
        kept["models"].remove(f"victim-{turn}")


def create_training_job(sagemaker: Any, kept: Records, turn: int, request: Any) -> None:
    if acknowledged(sagemaker.create_training_job, **request(f"job-{turn}")):
        kept["jobs"].append(f"job-{turn}")


@pytest.fixture
def training(
    life: Life, golden: dict[str, Any], request_of: Callable[..., dict[str, Any]], bucket: str
) -> Callable[..., dict[str, Any]]:
    """Requests for training jobs on data that lies in the small disk's labcloud."""
    s3 = life.client("s3")
    s3.create_bucket(Bucket=bucket)
    for name in golden["softprob"]["channels"].values():
        s3.put_object(Bucket=bucket, Key=f"{name}/data", Body=golden["files"][name].encode())

    def build(name: str, **changes: Any) -> dict[str, Any]:
        return request_of(name, golden["softprob"] | changes)

    return build


def ended(sagemaker: Any, job: str) -> dict[str, Any]:
    """A job that has ended; one that does not within two looks of half a minute never will."""
    waiter = sagemaker.get_waiter("training_job_completed_or_stopped")
    try:
        waiter.wait(TrainingJobName=job, WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    except Exception:
        described: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=job)
        assert described["TrainingJobStatus"] == "Failed", described
        return described
    found: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=job)
    return found


@pytest.mark.parametrize(
    "operation",
    [create_model, create_endpoint_config, add_tags, delete_model, create_training_job],
    ids=lambda operation: operation.__name__,
)
def test_sagemaker_on_a_full_disk(
    life: Life, disk: Disk, training: Callable[..., dict[str, Any]], operation: Callable[..., None]
) -> None:
    sagemaker, pid = life.client("sagemaker"), life.running.pid
    for name in ("tagged", *[f"victim-{turn}" for turn in range(len(ROOMS))]):
        sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE})
    kept = records(sagemaker)

    for turn, room in enumerate(ROOMS):
        disk.fill(leaving=room)
        operation(sagemaker, kept, turn, request=training)
        kept = {name: sorted(values) for name, values in kept.items()}
        assert records(sagemaker) == kept, f"{room} pages were free"

    disk.free()
    sagemaker.create_model(ModelName="after", PrimaryContainer={"Image": IMAGE})
    kept["models"] = sorted([*kept["models"], "after"])
    for job in kept["jobs"]:
        ended(sagemaker, job)
    assert life.running.pid == pid
    life.kill()
    life.begin()
    assert records(life.client("sagemaker")) == kept


# ---- jobs and endpoints -------------------------------------------------------------------------


def worker_of(life: Life) -> psutil.Process:
    """The process that trains, as soon as it is there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for nursery in psutil.Process(life.running.pid).children():
            for child in nursery.children():
                return child
        time.sleep(0.02)
    raise AssertionError("nothing trains")


def test_a_job_that_dies_while_the_disk_is_full_has_failed(
    life: Life, disk: Disk, training: Callable[..., dict[str, Any]]
) -> None:
    sagemaker = life.client("sagemaker")
    sagemaker.create_training_job(**training("dies", hyperparameters=SLOW))
    worker = worker_of(life)
    disk.fill()
    worker.kill()
    psutil.wait_procs([worker], timeout=10)
    sagemaker.describe_training_job(TrainingJobName="dies")
    disk.free()
    job = ended(sagemaker, "dies")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"]
    sagemaker.delete_training_job(TrainingJobName="dies")


def test_a_job_that_is_done_while_the_disk_is_full_has_failed(
    life: Life, disk: Disk, training: Callable[..., dict[str, Any]]
) -> None:
    """It ends by itself: its limit comes while nothing can be written."""
    sagemaker = life.client("sagemaker")
    request = training("late", hyperparameters=SLOW)
    request["StoppingCondition"] = {"MaxRuntimeInSeconds": 2}
    sagemaker.create_training_job(**request)
    worker = worker_of(life)
    disk.fill()
    gone, _ = psutil.wait_procs([worker], timeout=20)
    disk.free()
    assert gone, "the limit did not end it"
    job = ended(sagemaker, "late")
    assert job["TrainingJobStatus"] in ("Failed", "Stopped")


def test_a_stop_that_cannot_be_written_is_refused_and_can_be_asked_again(
    life: Life, disk: Disk, training: Callable[..., dict[str, Any]]
) -> None:
    sagemaker = life.client("sagemaker")
    sagemaker.create_training_job(**training("stops", hyperparameters=SLOW))
    worker_of(life)
    disk.fill()
    stopped = acknowledged(sagemaker.stop_training_job, TrainingJobName="stops")
    disk.free()
    if not stopped:
        sagemaker.stop_training_job(TrainingJobName="stops")
    assert ended(sagemaker, "stops")["TrainingJobStatus"] == "Stopped"


def test_data_that_does_not_fit_fails_the_job(
    life: Life, disk: Disk, training: Callable[..., dict[str, Any]], bucket: str
) -> None:
    sagemaker, s3 = life.client("sagemaker"), life.client("s3")
    request = training("large")
    source = request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]
    s3.put_object(Bucket=bucket, Key=f"{source.split('/', 3)[3]}more", Body=bytes(1024**2))
    disk.fill(leaving=60)
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, "large")
    assert job["TrainingJobStatus"] == "Failed"
    assert re.search(r"No space left|disk is full", job["FailureReason"])
    assert not (life.home.jobs / "training" / "large").exists()


def test_a_model_that_does_not_fit_fails_the_endpoint(life: Life, disk: Disk) -> None:
    sagemaker, s3 = life.client("sagemaker"), life.client("s3")
    packed = io.BytesIO()
    with gzip.open(packed, "wb") as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        member = tarfile.TarInfo("xgboost-model")
        member.size = 2 * 1024**2
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    s3.create_bucket(Bucket="full")
    s3.put_object(Bucket="full", Key="model.tar.gz", Body=packed.getvalue())
    container = {"Image": IMAGE, "ModelDataUrl": "s3://full/model.tar.gz"}
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant("m")])
    disk.fill(leaving=60)
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    with pytest.raises(Exception, match="Failed"):
        sagemaker.get_waiter("endpoint_in_service").wait(
            EndpointName="e", WaiterConfig={"Delay": 1, "MaxAttempts": 2}
        )
    reason = sagemaker.describe_endpoint(EndpointName="e")["FailureReason"]
    assert re.search(r"No space left|disk is full", reason)
    sagemaker.delete_endpoint(EndpointName="e")
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="e")
