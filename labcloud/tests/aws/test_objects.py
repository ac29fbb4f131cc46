"""S3 locations, and keys that would like to be paths."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcloud.aws.s3.uris import Location
from labcloud.state.paths import inside


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://bucket", "bucket", ""),
        ("s3://bucket/", "bucket", ""),
        ("s3://bucket/a/b", "bucket", "a/b"),
        ("s3://bucket/a b#c?d", "bucket", "a b#c?d"),
        ("s3://bucket//a", "bucket", "/a"),
    ],
)
def test_a_uri_is_a_bucket_and_a_key(uri: str, bucket: str, key: str) -> None:
    assert Location.parse(uri) == Location(bucket, key)


@pytest.mark.parametrize("uri", ["", "bucket/key", "s3://", "ftp://bucket/key"])
def test_anything_else_is_no_location(uri: str) -> None:
    with pytest.raises(ValueError, match="is not an S3 URI"):
        Location.parse(uri)


def test_a_child_has_single_slashes() -> None:
    assert str(Location("b", "out/").child("job", "output")) == "s3://b/out/job/output"
    assert str(Location("b", "").child("job")) == "s3://b/job"


@given(st.text(max_size=40))
def test_no_key_leaves_its_folder(key: str) -> None:
    folder = Path("/folder")
    try:
        path = inside(folder, key)
    except ValueError:
        return
    assert folder in path.parents
    assert ".." not in path.parts


@pytest.mark.parametrize("key", ["../x", "a/../../x", "/x", "a//b", "", ".", "a\0b", "🙂" * 64])
def test_keys_that_mean_something_to_a_file_system_are_refused(key: str) -> None:
    with pytest.raises(ValueError, match="the key"):
        inside(Path("/folder"), key)
