"""What a test needs of the machine that not every machine has: a program, a daemon, a right.

Without it the test is skipped. LAB_NO_SKIP=1, which CI sets where it has installed everything,
turns each of these skips into a failure: a skip that nobody notices tests nothing.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skips the test that asks, or fails it where nothing may be missing."""
    if os.environ.get("LAB_NO_SKIP") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
