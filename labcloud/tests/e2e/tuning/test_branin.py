"""A function that is known: as tuning jobs, Bayesian finds lower values than Random does."""

from __future__ import annotations

import pytest

from .tunings import BRANIN, Tunings, settings, value

SEEDS = range(3)


@pytest.mark.slow
def test_bayesian_finds_less_than_random_for_every_seed(tunings: Tunings) -> None:
    """Three seeds of 15 jobs; tests/labcloud/jobs/tuning has 20 seeds and a rank test."""
    for strategy in ("Bayesian", "Random"):
        for seed in SEEDS:
            config = settings("branin", BRANIN, 15, 3, Strategy=strategy, RandomSeed=seed)
            tunings.create(f"branin-{strategy}-{seed}", config, tunings.definition())
    found = {}
    for strategy in ("Bayesian", "Random"):
        ended = [tunings.ended(f"branin-{strategy}-{seed}") for seed in SEEDS]
        assert all(job["TrainingJobStatusCounters"]["Completed"] == 15 for job in ended)
        found[strategy] = [value(job["BestTrainingJob"]) for job in ended]
    assert max(found["Bayesian"]) < min(found["Random"])
