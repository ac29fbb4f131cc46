"""Uploads in parts that a restart of the server interrupts go on where they were."""

from __future__ import annotations

import os
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import Life
from labcloud_support.memory import MB


def test_an_upload_goes_on_after_the_server_was_killed(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="begun")
    place: dict[str, Any] = {"Bucket": "begun", "Key": "k"}
    first, wrong, second = os.urandom(5 * MB), os.urandom(5 * MB), os.urandom(10)
    upload = s3.create_multipart_upload(**place, Metadata={"colour": "red"})["UploadId"]
    place["UploadId"] = upload
    etags = [s3.upload_part(**place, PartNumber=1, Body=body)["ETag"] for body in (wrong, first)]
    life.kill()
    life.begin()
    s3 = life.client("s3")
    assert "Contents" not in s3.list_objects_v2(Bucket="begun")
    (listed,) = s3.list_multipart_uploads(Bucket="begun")["Uploads"]
    assert listed["UploadId"] == upload
    (part,) = s3.list_parts(**place)["Parts"]
    assert (part["PartNumber"], part["ETag"], part["Size"]) == (1, etags[1], len(first))
    last = s3.upload_part(**place, PartNumber=2, Body=second)["ETag"]
    tags = [{"PartNumber": 1, "ETag": etags[1]}, {"PartNumber": 2, "ETag": last}]
    s3.complete_multipart_upload(**place, MultipartUpload={"Parts": tags})
    life.kill()
    life.begin()
    s3 = life.client("s3")
    found = s3.get_object(Bucket="begun", Key="k")
    assert found["Body"].read() == first + second
    assert found["Metadata"] == {"colour": "red"}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="begun")
    # The parts, and the one that was replaced, have left no files.
    files = [path for path in (life.home.path / "objects").rglob("*") if path.is_file()]
    assert [path.stat().st_size for path in files] == [len(first + second)]


def test_an_upload_that_was_aborted_is_gone(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="aborted")
    place: dict[str, Any] = {"Bucket": "aborted", "Key": "k"}
    place["UploadId"] = s3.create_multipart_upload(**place)["UploadId"]
    s3.upload_part(**place, PartNumber=1, Body=b"x")
    life.kill()
    life.begin()
    s3 = life.client("s3")
    s3.abort_multipart_upload(**place)
    with pytest.raises(ClientError, match="NoSuchUpload"):
        s3.upload_part(**place, PartNumber=2, Body=b"y")
    assert not [path for path in (life.home.path / "objects").rglob("*") if path.is_file()]
