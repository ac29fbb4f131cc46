"""Bayesian search earns its name: on a known function it beats chance, by a rank test."""

from __future__ import annotations

import math

import pytest
from scipy.stats import mannwhitneyu

from labcloud.sagemaker.tuning.ranges import read_ranges
from labcloud.sagemaker.tuning.search import BAYESIAN, RANDOM, Search, Tuned

BRANIN = {
    "ContinuousParameterRanges": [
        {"Name": "x", "MinValue": "-5", "MaxValue": "10"},
        {"Name": "y", "MinValue": "0", "MaxValue": "15"},
    ]
}
MIXED = {
    "IntegerParameterRanges": [{"Name": "n", "MinValue": "1", "MaxValue": "30"}],
    "ContinuousParameterRanges": [{"Name": "x", "MinValue": "0.0001", "MaxValue": "1"}],
    "CategoricalParameterRanges": [{"Name": "c", "Values": ["a", "b", "c", "d"]}],
}
SEEDS = range(20)


def branin(tuned: Tuned) -> float:
    """Its least value is 0.398, at three places."""
    x, y = float(tuned["x"]), float(tuned["y"])
    well = (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2
    return well + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def mixed(tuned: Tuned) -> float:
    away = (math.log10(float(tuned["x"])) + 2) ** 2 + ((int(tuned["n"]) - 21) / 10) ** 2
    return away + {"a": 1.0, "b": 0.5, "c": 0.0, "d": 2.0}[tuned["c"]]


def best(strategy: str, seed: int, function: object, given: object) -> float:
    """The best of 20 jobs, 3 at a time: each is proposed when all but the last two are told."""
    search = Search(strategy, read_ranges(given), seed, maximize=False)  # type: ignore[arg-type]
    found: list[float] = []
    for job in range(1, 21):
        if job > 3:
            search.tell(job - 3, found[job - 4])
        found.append(function(search.propose(job)))  # type: ignore[operator]
    return min(found)


@pytest.mark.parametrize(("function", "given"), [(branin, BRANIN), (mixed, MIXED)])
def test_it_beats_random_over_twenty_seeds(function: object, given: object) -> None:
    """As tuning jobs, 800 training jobs would take minutes: tests/e2e/tuning runs a few seeds."""
    searched = [best(BAYESIAN, seed, function, given) for seed in SEEDS]
    drawn = [best(RANDOM, seed, function, given) for seed in SEEDS]
    assert mannwhitneyu(searched, drawn, alternative="less").pvalue < 0.001
