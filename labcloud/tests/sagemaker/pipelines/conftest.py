"""A cloud in this process for executions whose steps are no jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labcloud_support.clouds import LocalCloud
from labcloud_support.theatre import Theatre


@pytest.fixture
def local(tmp_path: Path, theatre: Theatre) -> Iterator[tuple[LocalCloud, Theatre]]:
    async def made() -> LocalCloud:
        return LocalCloud(tmp_path, theatre)

    stage = theatre.play(made())
    yield stage, theatre
    theatre.play(stage.close())
