"""A pytest plugin: with --nbval, notebooks are tested as tests/labs/notebooks.py describes."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

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
