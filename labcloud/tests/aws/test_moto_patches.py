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


@pytest.fixture(autouse=True)
def contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where contents are written, which a vault says otherwise."""
    monkeypatch.setattr(DiskBuffer, "folder", tmp_path, raising=False)


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


def test_a_copy_of_a_key_that_goes_leaves_its_content() -> None:
    """A list copies versions, also one that is just being put."""
    moto_patches.apply()
    key: Any = FakeKey("k", b"content", DEFAULT_ACCOUNT_ID, "us-east-1")
    copied = copy.copy(key)
    del copied
    gc.collect()
    assert key.value == b"content"
