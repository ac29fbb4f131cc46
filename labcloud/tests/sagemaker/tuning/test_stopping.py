"""Which training jobs are stopped early: the median rule of Auto, the rungs of Hyperband."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.sagemaker.tuning.stopping import History, Hyperband, Median, max_resource, rule_of


def falling(end: float, epochs: int = 10) -> list[float]:
    return [end + (epochs - 1 - epoch) for epoch in range(epochs)]


def stops(
    rule: Any, values: list[float], earlier: Any, number: int = 9, maximize: bool = False
) -> bool:
    """Whether a job with these values so far is stopped, after these earlier ones."""
    histories = [History(each) for each in earlier]
    found: bool = rule.stops(number, History(values), histories, maximize=maximize)
    return found


def stopped_at(rule: Any, values: list[float], earlier: Any, number: int = 9) -> int | None:
    """The epoch after which a job with these values is stopped, minimizing."""
    for epoch in range(1, len(values) + 1):
        if stops(rule, values[:epoch], earlier, number):
            return epoch
    return None


def test_a_job_worse_than_the_median_of_running_averages_is_stopped() -> None:
    earlier = [falling(1), falling(2), falling(3)]
    # After the third epoch: the start is spared, and 14 is more than 10, the median's average.
    assert stopped_at(Median(), [14.0] * 10, earlier) == 3
    assert stopped_at(Median(), falling(0), earlier) is None


def test_maximizing_turns_it_around() -> None:
    earlier = [[0.5] * 5, [0.6] * 5, [0.7] * 5]
    assert stops(Median(), [0.1] * 4, earlier, maximize=True)
    assert not stops(Median(), [0.9] * 4, earlier, maximize=True)


def test_nobody_is_judged_by_fewer_than_three_or_at_its_start() -> None:
    assert stopped_at(Median(), [99.0] * 10, [falling(1), falling(2), []]) is None
    assert not stops(Median(), [99.0] * 2, [falling(1)] * 3)


def test_of_those_on_a_rung_the_best_third_goes_on() -> None:
    rule = Hyperband(1, 9)
    assert rule.brackets == 3
    # Jobs 1, 4, 7 … are in the bracket that has all rungs: 1 and 3.
    earlier: list[list[float]] = [[] for _ in range(9)]
    earlier[0], earlier[3] = [5.0] * 9, [1.0] * 9
    assert stopped_at(rule, [2.0] * 9, earlier, number=7) == 1
    assert stopped_at(rule, [0.5] * 9, earlier, number=7) is None
    # The last bracket has none.
    assert stopped_at(rule, [99.0] * 9, [[1.0] * 9] * 8, number=9) is None


def test_nobody_goes_beyond_the_greatest_resource() -> None:
    assert stopped_at(Hyperband(1, 9), [0.0] * 12, []) == 10


def test_the_first_on_a_rung_are_not_judged() -> None:
    assert stopped_at(Hyperband(1, 9), [9.0] * 9, [[1.0] * 9], number=4) is None


@pytest.mark.parametrize(
    ("static", "most"),
    [({"epochs": "27"}, 27), ({"n_epochs": "3"}, 3), ({"epochs": "many"}, None), ({}, None)],
)
def test_the_greatest_resource_is_inferred_as_aws_does(
    static: dict[str, str], most: int | None
) -> None:
    assert max_resource({"Strategy": "Hyperband"}, static) == most


def test_what_is_given_wins_over_what_is_inferred() -> None:
    config = {"Strategy": "Hyperband", "StrategyConfig": {"HyperbandStrategyConfig": {
        "MinResource": 2, "MaxResource": 18}}}  # fmt: skip
    assert max_resource(config, {"epochs": "5"}) == 18
    rule = rule_of(config, {})
    assert isinstance(rule, Hyperband) and rule.brackets == 3


def test_only_auto_and_hyperband_have_a_rule() -> None:
    assert rule_of({"Strategy": "Bayesian"}, {}) is None
    assert rule_of({"Strategy": "Bayesian", "TrainingJobEarlyStoppingType": "Off"}, {}) is None
    auto = {"Strategy": "Random", "TrainingJobEarlyStoppingType": "Auto"}
    assert isinstance(rule_of(auto, {}), Median)
