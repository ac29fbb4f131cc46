"""What moto is changed to: it forgets what nobody needs any more."""

from __future__ import annotations

import copy
import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.logs.models import LogEvent
from moto.s3.models import FakeKey

from labcloud.aws import moto_patches
from labcloud.aws.s3.buffers import DiskBuffer


@pytest.mark.parametrize(
    "make",
    [
        lambda: FakeKey("k", b"", DEFAULT_ACCOUNT_ID, "us-east-1"),
        lambda: LogEvent(0, {"timestamp": 0, "message": "x"}),
    ],
    ids=["key", "event"],
)
def test_an_object_goes_with_its_last_owner(make: Any) -> None:
    moto_patches.apply()
    made = make()
    seen = weakref.ref(made)
    del made
    gc.collect()
    assert seen() is None


def test_a_copy_of_a_key_that_goes_leaves_its_content(tmp_path: Path) -> None:
    """A list copies versions, also one that is just being put."""
    moto_patches.apply()
    before, DiskBuffer.folder = DiskBuffer.folder, tmp_path
    try:
        key: Any = FakeKey("k", b"content", DEFAULT_ACCOUNT_ID, "us-east-1")
        copied = copy.copy(key)
        del copied
        gc.collect()
        assert key.value == b"content"
    finally:
        DiskBuffer.folder = before
