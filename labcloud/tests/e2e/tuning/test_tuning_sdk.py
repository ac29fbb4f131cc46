"""HyperparameterTuner of the SageMaker SDK v3, unmodified; that of v2 is in test_sdk_v2."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from .tuners import V3, check, outcome


@pytest.mark.slow
def test_it_tunes_describes_analyses_and_starts_warm(
    cloud_environment: dict[str, str], golden: dict[str, Any]
) -> None:
    check(outcome(sys.executable, V3, cloud_environment, golden))
