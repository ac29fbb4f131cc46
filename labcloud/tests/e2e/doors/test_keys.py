"""Any key of S3 is a key, and no path: in the store, beside other keys, after a restart."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import Life

from .marks import TOKEN

KEYS = [
    f"../../{TOKEN}",
    f"/{TOKEN}",
    f"/etc/{TOKEN}",
    f"//{TOKEN}//x//",
    f"a/../../../{TOKEN}",
    f"a/./{TOKEN}",
    f"..\\..\\{TOKEN}",
    f"{TOKEN}\nand\r\nmore",
    f"{TOKEN}\ttab and \x01 and \x7f",
    f"{TOKEN}?versionId=x&uploads#part",
    f"{TOKEN}%2e%2e%2f%00",
    f"{TOKEN}+plus and space ",
    f" {TOKEN}",
    f"{TOKEN}<Key>&amp;</Key>",
    "..",
    ".",
    "../",
    "/",
    "//",
    "🙂" * 256,
    "é",
    "e\u0301",
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: ascii(key.replace(TOKEN, "x"))[:40])
def test_any_key_reads_back(shared: Life, s3: Any, key: str) -> None:
    bucket = f"key-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    body = os.urandom(64)
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert body in stored(shared)
    s3.delete_object(Bucket=bucket, Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert body not in stored(shared)


def stored(shared: Life) -> list[bytes]:
    """What the files of the object store hold."""
    files = (shared.home.path / "objects").rglob("*")
    return [path.read_bytes() for path in files if path.is_file()]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: ascii(key.replace(TOKEN, "x"))[:40])
def test_any_key_is_another_than_any_other(s3: Any, key: str) -> None:
    """What a key means once it is decoded is not looked at: `a%2Fb` is not `a/b`."""
    bucket = f"two-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=bucket)
    others = {unquote(key), key.split("?")[0], key.strip(), key.replace("//", "/"), f"{key}/"}
    bodies = {name: os.urandom(16) for name in {key, *others} if 0 < len(name.encode()) <= 1024}
    for name, body in bodies.items():
        s3.put_object(Bucket=bucket, Key=name, Body=body)
    found = {n: s3.get_object(Bucket=bucket, Key=n)["Body"].read() for n in bodies}
    assert found == bodies


def test_a_restart_changes_nothing_of_what_was_put_and_deleted(life: Life) -> None:
    s3 = life.client("s3")
    kept = {key: key.encode() for key in KEYS}
    # A request to delete many is XML 1.0, which cannot hold the others.
    deleted = [key for key in KEYS if not re.search(r"[\x00-\x1f?%]", key)]
    for bucket in ("kept", "deleted"):
        s3.create_bucket(Bucket=bucket)
        for key, body in kept.items():
            s3.put_object(Bucket=bucket, Key=key, Body=body)
    answer = s3.delete_objects(Bucket="deleted", Delete={"Objects": [{"Key": k} for k in deleted]})
    assert "Errors" not in answer
    assert {item["Key"] for item in answer["Deleted"]} == set(deleted)
    left = {key: body for key, body in kept.items() if key not in deleted}
    life.kill()
    life.begin()
    s3 = life.client("s3")
    for bucket, expected in (("kept", kept), ("deleted", left)):
        listed = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
        found = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in listed}
        assert found == expected
    assert sorted(stored(life)) == sorted([*kept.values(), *left.values()])


@pytest.mark.parametrize("key", ["k" * 1025, "🙂" * 256 + "k"], ids=["letters", "emoji"])
def test_a_key_that_is_too_long_is_refused(s3: Any, key: str) -> None:
    s3.create_bucket(Bucket="long-keys")
    calls: list[Callable[[], Any]] = [
        lambda: s3.put_object(Bucket="long-keys", Key=key, Body=b"x"),
        lambda: s3.create_multipart_upload(Bucket="long-keys", Key=key),
    ]
    for call in calls:
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == "KeyTooLongError"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "Contents" not in s3.list_objects_v2(Bucket="long-keys")
