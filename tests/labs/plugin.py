"""A pytest plugin: with --nbval, notebooks are tested as tests/labs/notebooks.py describes.

Their kernels are pointed at the labcloud of the test session.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from labcloud.client.local import entered
from labcloud.testing import shared_server

pytest.register_assert_rewrite("tests.labs.notebooks")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[Any], list[Any]]:
    """Takes the place of what nbval makes of a notebook."""
    found = yield
    if not found or file_path.suffix != ".ipynb":
        return found
    # Here, not above: it brings in pandas and botocore, and most tests need neither.
    from tests.labs.notebooks import Notebook

    return [Notebook.from_parent(parent, path=file_path)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A notebook's kernel takes this process's environment: it points at the labcloud."""
    if item.path.suffix != ".ipynb":
        return (yield)
    # The daemon is one for all tests of this machine: who wants images in it says LABCLOUD_ENGINE.
    engine = os.environ.get("LABCLOUD_ENGINE", "process")
    with entered({**shared_server(item.config).environment, "LABCLOUD_ENGINE": engine}):
        return (yield)
