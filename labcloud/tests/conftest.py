"""What all tests of labcloud share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A hook: pytest finds it here by its name.
from labcloud_support.names import pytest_make_parametrize_id as pytest_make_parametrize_id
from labcloud_support.theatre import Theatre

# On a busy machine, an example may take any time.
settings.register_profile(
    "labcloud", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("labcloud")


@pytest.fixture(scope="session")
def theatre() -> Iterator[Theatre]:
    """Where scenes in this process are played."""
    theatre = Theatre()
    yield theatre
    theatre.close()
