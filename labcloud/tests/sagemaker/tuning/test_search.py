"""Searches propose what is new, once each, and the same again for the same seed and results."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest

from labcloud.sagemaker.tuning.ranges import read_ranges
from labcloud.sagemaker.tuning.search import BAYESIAN, GRID, HYPERBAND, RANDOM, Search, Tuned

MIXED = {
    "IntegerParameterRanges": [{"Name": "n", "MinValue": "1", "MaxValue": "20"}],
    "ContinuousParameterRanges": [
        {"Name": "x", "MinValue": "0.001", "MaxValue": "10"},
        {"Name": "r", "MinValue": "0", "MaxValue": "0.99", "ScalingType": "ReverseLogarithmic"},
    ],
    "CategoricalParameterRanges": [{"Name": "c", "Values": ["a", "b"]}],
}
FEW = {
    "IntegerParameterRanges": [{"Name": "n", "MinValue": "1", "MaxValue": "3"}],
    "CategoricalParameterRanges": [{"Name": "c", "Values": ["a", "b", "c", "d"]}],
}


def search(strategy: str, given: dict[str, Any], seed: int = 1, maximize: bool = False) -> Search:
    return Search(strategy, read_ranges(given), seed, maximize=maximize)


def score(tuned: Tuned) -> float:
    return abs(math.log(float(tuned["x"]))) + abs(int(tuned["n"]) - 7) / 5 + (tuned["c"] == "a")


def run(strategy: str, seed: int, jobs: int = 16, parallel: int = 3) -> list[Tuned]:
    """Job k is proposed when the jobs 1 to k - parallel are told."""
    found = search(strategy, MIXED, seed)
    proposed: list[Tuned] = []
    for job in range(1, jobs + 1):
        if job > parallel:
            found.tell(job - parallel, score(proposed[job - parallel - 1]))
        proposed.append(found.propose(job))
    return proposed


@pytest.mark.parametrize("strategy", [BAYESIAN, RANDOM, HYPERBAND])
def test_a_seed_makes_the_same_search_twice(strategy: str) -> None:
    first = run(strategy, 11)
    assert run(strategy, 11) == first
    assert run(strategy, 12) != first


@pytest.mark.parametrize("strategy", [BAYESIAN, RANDOM])
def test_nothing_is_proposed_twice_while_there_is_something_new(strategy: str) -> None:
    found = search(strategy, FEW)
    proposed = []
    for job in range(1, 13):
        proposed.append(tuple(found.propose(job).values()))
        found.tell(job, float(job))
    assert len(set(proposed)) == 12
    assert found.propose(13)


def test_a_grid_covers_each_point_once_in_order() -> None:
    found = search(GRID, {"CategoricalParameterRanges": [
        {"Name": "a", "Values": ["1", "2", "3"]}, {"Name": "b", "Values": ["x", "y"]},
    ]})  # fmt: skip
    points = [tuple(found.propose(job).values()) for job in range(1, 7)]
    assert points == list(itertools.product("123", "xy"))


def test_bayesian_goes_on_without_the_results_of_failed_jobs() -> None:
    found = search(BAYESIAN, MIXED)
    for job in range(1, 13):
        assert found.propose(job).keys() == {"n", "x", "r", "c"}
        found.tell(job, None if job % 2 else float(job))


def test_bayesian_goes_on_where_all_results_are_the_same() -> None:
    found = search(BAYESIAN, MIXED)
    proposed = set()
    for job in range(1, 13):
        proposed.add(tuple(found.propose(job).values()))
        found.tell(job, 1.0)
    assert len(proposed) == 12


def test_what_is_known_from_before_is_used() -> None:
    """Twenty results in a valley: the first proposal is in it, and not where it was known bad."""
    space = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]}
    near = []
    for seed in range(5):
        found = search(BAYESIAN, space, seed)
        for place in range(20):
            found.knows({"x": str(place / 20), "other": "1"}, (place / 20 - 0.62) ** 2)
        near.append(abs(float(found.propose(1)["x"]) - 0.62))
    assert max(near) < 0.1


def test_what_is_known_outside_the_ranges_is_left_out() -> None:
    found = search(BAYESIAN, MIXED)
    found.knows({"n": "99", "x": "1", "r": "0.5", "c": "a"}, 0.0)
    found.knows({"n": "9", "x": "1", "r": "0.5", "c": "z"}, 0.0)
    found.knows({"n": "9"}, 0.0)
    assert found.propose(1)


def test_it_begins_with_what_it_is_told_to() -> None:
    found = search(RANDOM, MIXED)
    found.begin_with({"n": "5", "x": "0.25", "r": "0.5", "c": "b", "num_round": "10"})
    found.begin_with({"n": "500", "x": "0.25", "r": "0.5", "c": "b"})
    first, second = found.propose(1), found.propose(2)
    assert (first["n"], first["c"]) == ("5", "b")
    assert float(first["x"]) == 0.25 and float(first["r"]) == pytest.approx(0.5)
    assert second != first


@pytest.mark.parametrize(("maximize", "end"), [(False, 0.0), (True, 1.0)])
def test_the_direction_is_that_of_the_objective(maximize: bool, end: float) -> None:
    """The best value lies in a corner, where a search must not propose the same again and again."""
    space = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]}
    found = search(BAYESIAN, space, 3, maximize=maximize)
    values = []
    for job in range(1, 13):
        values.append(float(found.propose(job)["x"]))
        found.tell(job, values[-1])
    assert min(abs(each - end) for each in values) < 0.01
    assert len(set(values)) == 12
    assert len(found._study.get_trials()) == 12, "it drew some of them in vain"
