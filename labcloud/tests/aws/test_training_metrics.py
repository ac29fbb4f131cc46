"""The values of a job's metrics in their order, of which a bounded number is kept."""

from __future__ import annotations

from itertools import pairwise

import pytest

from labcloud.aws import training_metrics
from labcloud.aws.training_metrics import TrainingMetrics


def test_every_value_of_a_short_job_is_there() -> None:
    metrics = TrainingMetrics()
    for number in range(1, 61):
        metrics.add("job", "loss", 1 / number)
    metrics.add("other", "loss", 5.0)
    assert metrics.values("job") == {"loss": [(float(n), 1 / n) for n in range(1, 61)]}
    assert metrics.values("nobody") == {}


def test_a_long_job_keeps_its_shape_and_its_last_value() -> None:
    metrics = TrainingMetrics()
    for number in range(1, 100_001):
        metrics.add("job", "loss", float(number))
    points = metrics.values("job")["loss"]
    assert len(points) <= 502
    assert points[0] == (1.0, 1.0)
    assert points[-1] == (100_000.0, 100_000.0)
    # Each at its own number, and the same way apart.
    assert all(number == value for number, value in points)
    steps = {round(b[0] - a[0]) for a, b in pairwise(points[:-1])}
    assert len(steps) == 1


def test_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_metrics, "_SERIES", 2)
    metrics = TrainingMetrics()
    for job in ("first", "second", "third"):
        metrics.add(job, "loss", 1.0)
    assert metrics.values("first") == {}
    assert metrics.values("third") == {"loss": [(1.0, 1.0)]}
