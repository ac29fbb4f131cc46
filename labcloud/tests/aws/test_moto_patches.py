"""What moto is changed to: it forgets what nobody needs any more."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.logs.models import LogEvent
from moto.s3.models import FakeKey

from labcloud.aws import moto_patches


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
