"""What was acknowledged survives kill -9: objects, records, endpoints; and no process is left."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from labcloud_support.life import LOST, SLOW, Life
from labcloud_support.resources import deploy, upload


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


def test_running_jobs_have_failed_and_endpoints_serve_again(
    life: Life, golden: dict[str, Any], request_of: Callable[..., dict[str, Any]], bucket: str
) -> None:
    s3, sagemaker = life.client("s3"), life.client("sagemaker")
    upload(s3, bucket, golden, golden["softprob"]["channels"].values())
    sagemaker.create_training_job(**request_of("finished", golden["softprob"]))
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="finished")
    artifact = sagemaker.describe_training_job(TrainingJobName="finished")["ModelArtifacts"]
    deploy(sagemaker, "e", artifact["S3ModelArtifacts"])
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
