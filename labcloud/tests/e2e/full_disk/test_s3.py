"""S3 on a full disk: objects, buckets, tags and versions are as they were, or as was asked."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Survives
from .disk import ROOMS, Disk, acknowledged

OLD, NEW = b"o" * 5000, b"n" * 5000

# Bucket, key, what the object holds.
Content = dict[str, dict[str, bytes]]


def content(s3: Any, prefix: str) -> Content:
    """Everything that S3 shows in the buckets of one test."""
    return {
        bucket["Name"]: {
            item["Key"]: s3.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read()
            for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])
        }
        for bucket in s3.list_buckets(Prefix=prefix)["Buckets"]
    }


def put(s3: Any, kept: Content, bucket: str, turn: int) -> None:
    if acknowledged(s3.put_object, Bucket=bucket, Key=f"new-{turn}", Body=NEW):
        kept[bucket][f"new-{turn}"] = NEW


def overwrite(s3: Any, kept: Content, bucket: str, turn: int) -> None:
    body = f"{turn}".encode() * 5000
    if acknowledged(s3.put_object, Bucket=bucket, Key="old", Body=body):
        kept[bucket]["old"] = body


def copy_object(s3: Any, kept: Content, bucket: str, turn: int) -> None:
    source = {"Bucket": bucket, "Key": "old"}
    if acknowledged(s3.copy_object, Bucket=bucket, Key=f"copy-{turn}", CopySource=source):
        kept[bucket][f"copy-{turn}"] = OLD


def copy_over(s3: Any, kept: Content, bucket: str, turn: int) -> None:
    source = {"Bucket": bucket, "Key": f"victim-{turn}-0"}
    if acknowledged(s3.copy_object, Bucket=bucket, Key="old", CopySource=source):
        kept[bucket]["old"] = kept[bucket][source["Key"]]


def upload_in_parts(s3: Any, kept: Content, bucket: str, turn: int) -> None:
    body = f"{turn}".encode() * 5000
    place = {"Bucket": bucket, "Key": "old"}
    try:
        place["UploadId"] = s3.create_multipart_upload(**place)["UploadId"]
        etag = s3.upload_part(**place, PartNumber=1, Body=body)["ETag"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InternalError"
        return
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    if acknowledged(s3.complete_multipart_upload, **place, MultipartUpload=parts):
        kept[bucket]["old"] = body


def create_bucket(s3: Any, kept: Content, bucket: str, turn: int) -> None:
    if acknowledged(s3.create_bucket, Bucket=f"{bucket}-new-{turn}"):
        kept[f"{bucket}-new-{turn}"] = {}


def delete(s3: Any, kept: Content, bucket: str, turn: int) -> None:
    if acknowledged(s3.delete_object, Bucket=bucket, Key=f"victim-{turn}-0"):
        del kept[bucket][f"victim-{turn}-0"]


def delete_two(s3: Any, kept: Content, bucket: str, turn: int) -> None:
    names = [f"victim-{turn}-{number}" for number in range(2)]
    objects = {"Objects": [{"Key": name} for name in names]}
    if acknowledged(s3.delete_objects, Bucket=bucket, Delete=objects):
        for name in names:
            del kept[bucket][name]


def delete_bucket(s3: Any, kept: Content, bucket: str, turn: int) -> None:
    if acknowledged(s3.delete_bucket, Bucket=f"{bucket}-empty-{turn}"):
        del kept[f"{bucket}-empty-{turn}"]


# How many objects each turn of an operation needs.
VICTIMS: dict[Callable[..., None], int] = {copy_over: 1, delete: 1, delete_two: 2}


@pytest.mark.parametrize(
    "operation",
    [put, overwrite, copy_object, copy_over, upload_in_parts, create_bucket, delete, delete_two,
     delete_bucket],
    ids=lambda operation: operation.__name__,
)  # fmt: skip
def test_s3_on_a_full_disk(
    s3: Any, disk: Disk, survives: Survives, operation: Callable[[Any, Content, str, int], None]
) -> None:
    bucket = f"full-{secrets.token_hex(4)}"
    kept: Content = {bucket: {"old": OLD}}
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="old", Body=OLD)
    for turn in range(len(ROOMS)):
        for number in range(VICTIMS.get(operation, 0)):
            name, body = f"victim-{turn}-{number}", b"victim" * turn
            s3.put_object(Bucket=bucket, Key=name, Body=body)
            kept[bucket][name] = body
        if operation is delete_bucket:
            s3.create_bucket(Bucket=f"{bucket}-empty-{turn}")
            kept[f"{bucket}-empty-{turn}"] = {}

    changed = []
    for turn, room in enumerate(ROOMS):
        disk.fill(leaving=room)
        before = copy.deepcopy(kept)
        operation(s3, kept, bucket, turn)
        assert content(s3, bucket) == kept, f"{room} pages were free"
        changed.append(kept != before)
    assert (changed[0], changed[-1]) == (False, True), changed

    disk.free()
    s3.put_object(Bucket=bucket, Key="after", Body=NEW)
    kept[bucket]["after"] = NEW
    assert content(s3, bucket) == kept
    survives("s3", lambda s3: content(s3, bucket))


def test_tags_and_versions_on_a_full_disk(s3: Any, disk: Disk, survives: Survives) -> None:
    s3.create_bucket(Bucket="versions")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="versions", Key="k", Body=OLD, Tagging="colour=red")

    def seen(s3: Any) -> Any:
        listed = s3.list_object_versions(Bucket="versions")
        return (
            [item["VersionId"] for item in listed["Versions"]],
            [item["VersionId"] for item in listed.get("DeleteMarkers", [])],
            s3.get_object_tagging(Bucket="versions", Key="k")["TagSet"],
            s3.get_bucket_versioning(Bucket="versions")["Status"],
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
        assert not acknowledged(call, Bucket="versions", **request)
        assert seen(s3) == before, call.__name__
    survives("s3", seen)
