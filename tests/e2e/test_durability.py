"""What was acknowledged survives kill -9: objects, records, endpoints; and no process is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError

from labcloud import launch
from labcloud.environment import pointed_at
from labcloud.home import Home
from tests.e2e.conftest import variant

LOST = "InternalServerError: labcloud stopped while the job was running"
SLOW = {"objective": "reg:squarederror", "num_round": "1000000", "max_depth": "1"}


class Life:
    """A labcloud on a state directory of its own, that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.begin()

    def begin(self) -> None:
        self.running = launch.start(self.home, ["--port", "0"], detach=False)

    def kill(self) -> None:
        """SIGKILL, and a wait until nothing that it started is there."""
        server = psutil.Process(self.running.pid)
        family = server.children(recursive=True)
        assert family, "it had no processes: nothing would be shown"
        os.kill(self.running.pid, signal.SIGKILL)
        os.waitpid(self.running.pid, 0)
        _, alive = psutil.wait_procs(family, timeout=10)
        assert not alive

    def client(self, service: str) -> Any:
        environment = pointed_at(self.home, self.running, {})
        return boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name="us-east-1",
        ).client(service, endpoint_url=self.running.url)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    found = Life(tmp_path / "home")
    yield found
    launch.stop(found.home)


def test_objects_with_all_that_belongs_to_them(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="kept")
    key = 'a b/ü&<">🙂/../x'
    s3.put_object(
        Bucket="kept",
        Key=key,
        Body=b"content",
        ContentType="text/plain",
        Metadata={"colour": "red"},
        Tagging="a=b",
    )
    s3.copy_object(Bucket="kept", Key="copy", CopySource={"Bucket": "kept", "Key": key})
    s3.put_object(Bucket="kept", Key="empty", Body=b"")

    def seen(s3: Any) -> Any:
        found = s3.get_object(Bucket="kept", Key=key)
        return (
            found["Body"].read(),
            found["ContentType"],
            found["Metadata"],
            found["ETag"],
            found["LastModified"],
            s3.get_object_tagging(Bucket="kept", Key=key)["TagSet"],
            s3.get_object(Bucket="kept", Key="copy")["Body"].read(),
            [item["Key"] for item in s3.list_objects_v2(Bucket="kept")["Contents"]],
        )

    before = seen(s3)
    assert before[0] == before[6] == b"content"
    life.kill()
    life.begin()
    assert seen(life.client("s3")) == before


def test_versions_and_delete_markers(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="versions")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        s3.put_object(Bucket="versions", Key="k", Body=body)
    s3.delete_object(Bucket="versions", Key="k")
    before = s3.list_object_versions(Bucket="versions")
    life.kill()
    life.begin()
    s3 = life.client("s3")
    after = s3.list_object_versions(Bucket="versions")
    for part in ("Versions", "DeleteMarkers"):
        assert after[part] == before[part]
    contents = [
        s3.get_object(Bucket="versions", Key="k", VersionId=v["VersionId"])["Body"].read()
        for v in after["Versions"]
    ]
    assert contents == [b"two", b"one"]
    assert s3.get_bucket_versioning(Bucket="versions")["Status"] == "Enabled"


def test_what_was_deleted_stays_deleted_and_its_files_go(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="gone")
    for name in ("a", "b&", "c", "d"):
        s3.put_object(Bucket="gone", Key=name, Body=name.encode() * 100)
    s3.put_object(Bucket="gone", Key="d", Body=b"again")
    s3.delete_object(Bucket="gone", Key="a")
    s3.delete_objects(Bucket="gone", Delete={"Objects": [{"Key": "b&"}, {"Key": "c"}]})
    life.kill()
    life.begin()
    s3 = life.client("s3")
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="gone")["Contents"]] == ["d"]
    files = [path for path in (life.home.path / "objects").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == [b"again"]
    s3.delete_object(Bucket="gone", Key="d")
    s3.delete_bucket(Bucket="gone")
    life.kill()
    life.begin()
    assert life.client("s3").list_buckets()["Buckets"] == []


def test_an_upload_in_parts_is_there_whole_or_not_at_all(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="parts")
    part = os.urandom(5 * 1024**2)
    upload = s3.create_multipart_upload(Bucket="parts", Key="done")["UploadId"]
    place = {"Bucket": "parts", "Key": "done", "UploadId": upload}
    tags = [
        {"PartNumber": n, "ETag": s3.upload_part(**place, PartNumber=n, Body=part)["ETag"]}
        for n in (1, 2)
    ]
    s3.complete_multipart_upload(**place, MultipartUpload={"Parts": tags})
    begun = s3.create_multipart_upload(Bucket="parts", Key="begun")["UploadId"]
    s3.upload_part(Bucket="parts", Key="begun", UploadId=begun, PartNumber=1, Body=part)
    life.kill()
    life.begin()
    s3 = life.client("s3")
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="parts")["Contents"]] == ["done"]
    assert s3.get_object(Bucket="parts", Key="done")["Body"].read() == part * 2
    with pytest.raises(ClientError, match="NoSuchUpload"):
        s3.upload_part(Bucket="parts", Key="begun", UploadId=begun, PartNumber=2, Body=part)


def test_running_jobs_have_failed_and_endpoints_serve_again(
    life: Life, golden: dict[str, Any], request_of: Callable[..., dict[str, Any]], bucket: str
) -> None:
    s3, sagemaker = life.client("s3"), life.client("sagemaker")
    s3.create_bucket(Bucket=bucket)
    for name in golden["softprob"]["channels"].values():
        s3.put_object(Bucket=bucket, Key=f"{name}/data", Body=golden["files"][name].encode())
    sagemaker.create_training_job(**request_of("finished", golden["softprob"]))
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="finished")
    artifact = sagemaker.describe_training_job(TrainingJobName="finished")["ModelArtifacts"]
    image = request_of("", golden["softprob"])["AlgorithmSpecification"]["TrainingImage"]
    sagemaker.create_model(
        ModelName="m",
        PrimaryContainer={"Image": image, "ModelDataUrl": artifact["S3ModelArtifacts"]},
    )
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant("m")])
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="e")
    running = request_of("running", golden["softprob"] | {"hyperparameters": SLOW})
    sagemaker.create_training_job(**running)

    life.kill()
    life.begin()

    sagemaker = life.client("sagemaker")
    lost = sagemaker.describe_training_job(TrainingJobName="running")
    assert (lost["TrainingJobStatus"], lost["FailureReason"]) == ("Failed", LOST)
    kept = sagemaker.describe_training_job(TrainingJobName="finished")
    assert kept["TrainingJobStatus"] == "Completed"
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="e")
    answer = life.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="e", ContentType="text/csv", Body="5.9,3.0,5.1,1.8"
    )
    assert len(answer["Body"].read().split(b",")) == 3
    assert len(os.listdir(life.home.jobs / "endpoints" / "e")) == 1


def test_a_second_server_on_the_same_state_is_refused_with_the_first_one_s_pid(life: Life) -> None:
    with pytest.raises(launch.StartFailed, match=rf"process {life.running.pid}\b"):
        launch.start(life.home, ["--port", "0"], detach=False)
