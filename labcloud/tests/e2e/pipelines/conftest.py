"""Pipelines of the session's labcloud."""

from __future__ import annotations

from typing import Any

import pytest

from .callbacks import Queue
from .definitions import Pipelines


@pytest.fixture(scope="session")
def pipelines(sagemaker: Any) -> Pipelines:
    return Pipelines(sagemaker)


@pytest.fixture
def queue(client: Any, name: str) -> Queue:
    return Queue(client("sqs"), name)
