"""Requests for one key or one upload at the same time: each is answered, with one of two truths."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from labcloud_support.life import ONCE, Life
from labcloud_support.memory import MB


@pytest.fixture
def s3(session: Any, cloud_environment: dict[str, str]) -> Any:
    """A client that tries once, so that it shows each failure."""
    config = Config(retries=ONCE, max_pool_connections=20)
    return session.client("s3", endpoint_url=cloud_environment["AWS_ENDPOINT_URL"], config=config)


@pytest.mark.parametrize("size", [10, 2 * MB])
def test_a_key_is_read_while_it_is_replaced(s3: Any, own_bucket: str, size: int) -> None:
    contents = [bytes([number]) * size for number in range(4)]
    place = {"Bucket": own_bucket, "Key": "k"}
    s3.put_object(**place, Body=contents[0])

    def write(number: int) -> None:
        for turn in range(25):
            s3.put_object(**place, Body=contents[(number + turn) % 4])

    def read(_: int) -> None:
        for _turn in range(50):
            assert s3.get_object(**place)["Body"].read() in contents
            s3.copy_object(**{**place, "Key": "copy"}, CopySource=place)

    with ThreadPoolExecutor(6) as pool:
        writing = [pool.submit(write, number) for number in range(3)]
        reading = [pool.submit(read, number) for number in range(3)]
        for each in (*writing, *reading):
            each.result()


def test_an_upload_is_aborted_while_parts_come(s3: Any, own_bucket: str) -> None:
    body = os.urandom(MB)

    def codes(call: Callable[[], Any]) -> str:
        try:
            call()
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "done"

    def one(number: int) -> list[str]:
        place: dict[str, Any] = {"Bucket": own_bucket, "Key": f"k-{number}"}
        place["UploadId"] = s3.create_multipart_upload(**place)["UploadId"]
        with ThreadPoolExecutor(6) as pool:
            calls = [
                pool.submit(codes, partial(s3.upload_part, **place, PartNumber=part, Body=body))
                for part in range(1, 9)
            ]
            calls.insert(4, pool.submit(codes, partial(s3.abort_multipart_upload, **place)))
            return [call.result() for call in calls]

    found = {code for number in range(15) for code in one(number)}
    assert found <= {"done", "NoSuchUpload"}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=own_bucket)


def test_nothing_is_left_of_parts_that_came_too_late(life: Life) -> None:
    s3 = life.client("s3")
    s3.create_bucket(Bucket="late")
    place: dict[str, Any] = {"Bucket": "late", "Key": "k"}
    place["UploadId"] = s3.create_multipart_upload(**place)["UploadId"]
    with ThreadPoolExecutor(6) as pool:
        for part in range(1, 9):
            pool.submit(s3.upload_part, **place, PartNumber=part, Body=os.urandom(MB))
        s3.abort_multipart_upload(**place)
    assert not [path for path in (life.home.path / "objects").rglob("*") if path.is_file()]
