"""Lists of keys and versions through boto3, page by page, as AWS pages them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labcloud_support.life import Life

KEYS = ["a/1", "a/2", "b", "c/1", "c/2", "d", "é", "\U0001f600"]


def put(s3: Any, bucket: str) -> None:
    s3.create_bucket(Bucket=bucket)
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")


def names(pages: Any) -> list[str]:
    return [
        name
        for page in pages
        for name in sorted(
            [each["Key"] for each in page.get("Contents", [])]
            + [each["Prefix"] for each in page.get("CommonPrefixes", [])]
        )
    ]


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_pages_hold_keys_and_folders_once(
    client: Callable[[str], Any], own_bucket: str, operation: str, size: int
) -> None:
    s3 = client("s3")
    for key in KEYS:
        s3.put_object(Bucket=own_bucket, Key=key, Body=b"x")
    pager = s3.get_paginator(operation)
    sized = {"PageSize": size}
    assert names(pager.paginate(Bucket=own_bucket, PaginationConfig=sized)) == KEYS
    folded = list(pager.paginate(Bucket=own_bucket, Delimiter="/", PaginationConfig=sized))
    assert names(folded) == ["a/", "b", "c/", "d", "é", "\U0001f600"]
    assert all(
        len(page.get("Contents", [])) + len(page.get("CommonPrefixes", [])) <= size
        for page in folded
    )


def test_versions_are_paged_within_a_key(client: Callable[[str], Any], own_bucket: str) -> None:
    s3 = client("s3")
    s3.put_object(Bucket=own_bucket, Key="a", Body=b"before")
    s3.put_bucket_versioning(Bucket=own_bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        for key in ("a", "b/1", "b/2", "c"):
            s3.put_object(Bucket=own_bucket, Key=key, Body=body)
    s3.delete_object(Bucket=own_bucket, Key="c")
    pager = s3.get_paginator("list_object_versions")
    for size in (1, 2, 3, 1000):
        found, latest = [], []
        for page in pager.paginate(Bucket=own_bucket, PaginationConfig={"PageSize": size}):
            entries = page.get("Versions", []) + page.get("DeleteMarkers", [])
            assert len(entries) <= size
            found += [(each["Key"], each["VersionId"]) for each in entries]
            latest += [each["Key"] for each in entries if each["IsLatest"]]
        assert len(found) == len(set(found)) == 10
        assert [key for key, _ in found] == ["a"] * 3 + ["b/1"] * 2 + ["b/2"] * 2 + ["c"] * 3
        assert latest == ["a", "b/1", "b/2", "c"]
        folded = [
            each["Prefix"]
            for page in pager.paginate(
                Bucket=own_bucket, Delimiter="/", PaginationConfig={"PageSize": size}
            )
            for each in page.get("CommonPrefixes", [])
        ]
        assert folded == ["b/"]
    # The list of keys knows nothing of what was deleted.
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=own_bucket)["Contents"]] == [
        "a", "b/1", "b/2"
    ]  # fmt: skip


def test_a_token_is_good_after_a_restart(life: Life) -> None:
    put(life.client("s3"), "listed")
    first = life.client("s3").list_objects_v2(Bucket="listed", MaxKeys=3)
    life.end(clean=True)
    life.begin()
    rest = life.client("s3").list_objects_v2(
        Bucket="listed", ContinuationToken=first["NextContinuationToken"]
    )
    assert [each["Key"] for each in first["Contents"] + rest["Contents"]] == KEYS


def test_a_foreign_token_is_refused(client: Callable[[str], Any], own_bucket: str) -> None:
    for token in ("x", "é", "a" * 33):
        with pytest.raises(ClientError) as caught:
            client("s3").list_objects_v2(Bucket=own_bucket, ContinuationToken=token)
        assert caught.value.response["Error"] == {
            "Code": "InvalidArgument",
            "Message": "The continuation token provided is incorrect",
        }
