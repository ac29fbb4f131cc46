"""Each test has a machine of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from .machine import Images


@pytest.fixture
def images(tmp_path: Path) -> Images:
    return Images(tmp_path)
