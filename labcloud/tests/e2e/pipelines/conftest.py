"""Pipelines of the session's labcloud."""

from __future__ import annotations

from typing import Any

import pytest

from .definitions import Pipelines


@pytest.fixture(scope="session")
def pipelines(sagemaker: Any) -> Pipelines:
    return Pipelines(sagemaker)
