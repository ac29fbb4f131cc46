"""A pytest plugin: Python need not look for garbage among the tests.

The modules and tests that are there after collection stay until the end. Each search for garbage
goes through all of them, which is a third of the time until the first test, and seconds at the end.
"""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
