"""Used, killed and started again in any order, labcloud still has what it acknowledged."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from .ground import Material
from .machine import Machine

pytestmark = pytest.mark.slow


def test_what_was_acknowledged_is_there_whatever_happens(material: Material) -> None:
    run_state_machine_as_test(
        lambda: Machine(material),  # type: ignore[arg-type]
        settings=settings(
            max_examples=6,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            # A failure is shown as it was found: to make it smaller would take an hour.
            phases=[Phase.generate],
        ),
    )
