"""Uploads in parts that a restart of the server interrupts go on where they were."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import ONCE, Life
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


def test_other_requests_in_the_bucket_leave_an_upload_alone(life: Life) -> None:
    """They found it unknown to moto while it was being completed, and deleted its parts."""
    # A client that tries once shows each failure.
    s3 = life.client("s3", retries=ONCE)
    s3.create_bucket(Bucket="busy")
    body, done = os.urandom(6 * MB), Event()

    def uploads(client: int) -> None:
        for number in range(8):
            place: dict[str, Any] = {"Bucket": "busy", "Key": f"{client}-{number}"}
            place["UploadId"] = s3.create_multipart_upload(**place)["UploadId"]
            tags = [
                {
                    "PartNumber": part,
                    "ETag": s3.upload_part(**place, PartNumber=part, Body=body)["ETag"],
                }
                for part in (1, 2)
            ]
            s3.complete_multipart_upload(**place, MultipartUpload={"Parts": tags})

    def puts(client: int) -> int:
        count = 0
        while not done.is_set():
            s3.put_object(Bucket="busy", Key=f"small-{client}", Body=b"x")
            count += 1
        return count

    with ThreadPoolExecutor(5) as pool:
        small = [pool.submit(puts, client) for client in range(2)]
        try:
            list(pool.map(uploads, range(3)))
        finally:
            done.set()
        assert all(each.result() for each in small)
    life.kill()
    life.begin()
    s3 = life.client("s3")
    for client in range(3):
        for number in range(8):
            found = s3.get_object(Bucket="busy", Key=f"{client}-{number}")
            assert found["Body"].read() == 2 * body
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="busy")
    # No part has left a file.
    files = [path for path in (life.home.path / "objects").rglob("*") if path.is_file()]
    assert len(files) == 24 + 2


def test_a_complete_that_fails_leaves_the_upload_as_it_was(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="failing")
    place: dict[str, Any] = {"Bucket": "failing", "Key": "k"}
    place["UploadId"] = s3.create_multipart_upload(**place)["UploadId"]
    tag = s3.upload_part(**place, PartNumber=1, Body=b"x")["ETag"]
    wrong = {"Parts": [{"PartNumber": 2, "ETag": tag}]}
    with pytest.raises(ClientError, match="InvalidPart"):
        s3.complete_multipart_upload(**place, MultipartUpload=wrong)
    s3.put_object(Bucket="failing", Key="other", Body=b"y")
    life.kill()
    life.begin()
    s3 = life.client("s3")
    right = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    s3.complete_multipart_upload(**place, MultipartUpload=right)
    assert s3.get_object(Bucket="failing", Key="k")["Body"].read() == b"x"


def test_a_bucket_that_is_deleted_takes_its_uploads_along(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="going")
    upload = s3.create_multipart_upload(Bucket="going", Key="k")["UploadId"]
    s3.upload_part(Bucket="going", Key="k", UploadId=upload, PartNumber=1, Body=b"x" * MB)
    s3.delete_bucket(Bucket="going")
    s3.create_bucket(Bucket="going")
    life.kill()
    life.begin()
    assert "Uploads" not in life.client("s3").list_multipart_uploads(Bucket="going")
    assert not [path for path in (life.home.path / "objects").rglob("*") if path.is_file()]


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
