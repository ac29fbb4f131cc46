"""Hyperparameters are parsed, ranged and checked against each other, in the container's words."""

from __future__ import annotations

import re

import pytest

from labcloud.algorithms.xgboost.definitions import XGBOOST
from labcloud.algorithms.xgboost.errors import AlgorithmError, UserError
from labcloud.algorithms.xgboost.hyperparameters import validate


def test_values_get_their_types() -> None:
    given = {
        "num_round": "5", "learning_rate": "0.1", "reg_alpha": "1", "objective": "rank:ndcg",
        "eval_metric": "ndcg@5,map@3,auc", "tree_method": "hist", "updater": "refresh,prune",
        "monotone_constraints": "(1, 0, -1)", "interaction_constraints": "[[1, 2], [3]]",
    }  # fmt: skip
    assert validate(given) == {
        "num_round": 5, "eta": 0.1, "alpha": 1.0, "objective": "rank:ndcg",
        "eval_metric": ["ndcg@5", "map@3", "auc"], "tree_method": "hist",
        "updater": ["refresh", "prune"],
        "monotone_constraints": (1, 0, -1), "interaction_constraints": [[1, 2], [3]],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"num_round": "5.0"}, "num_round: could not parse value (caused by ValueError)"),
        ({"silent": "1"}, "Extraneous hyperparameter found: silent"),
        ({"subsample": "0"}, "subsample: 0.0 is not in (0, 1]"),
        ({"subsample": "1.01"}, "subsample: 1.01 is not in (0, 1]"),
        ({"gamma": "-1"}, "gamma: -1.0 is not in [0, +inf)"),
        ({"tweedie_variance_power": "2"}, "tweedie_variance_power: 2.0 is not in (1, 2)"),
        ({"seed": "-2147483648"}, "seed: -2147483648 is not in (-2147483648, 2147483647)"),
        ({"verbosity": "4"}, "verbosity: 4 is not in [0, 3]"),
        ({"booster": "gbforest"}, "is not in ['gbtree', 'gblinear', 'dart']"),
        ({"num_class": "1"}, "num_class: 1 is not in [2, +inf)"),
        ({"_tuning_objective_metric": "train:rmse"}, "train:rmse is not in ['validation:accuracy'"),
        ({"eval_metric": "merror@2", "objective": "reg:linear"}, "Metric 'merror@2' is not"),
        ({"eval_metric": "error@x", "objective": "reg:linear"}, "'error@t' expects float input"),
        ({"eval_metric": "rmse"}, "eval_metric needs hyperparameter 'objective'"),
        ({"eval_metric": "auc", "objective": "reg:linear"}, "Metric 'auc' can only be applied"),
        ({"eval_metric": "aft-nloglik", "objective": "reg:linear"}, "'survival:aft' objective"),
        ({"monotone_constraints": "(1,"}, "monotone_constraints: could not parse value"),
        ({"monotone_constraints": "(2,)"}, "monotone_constraints: value (2,) not in range"),
        ({"monotone_constraints": "(1,)"}, "either 'exact' or 'hist'"),
        ({"interaction_constraints": "[[1]]"}, "either 'exact', 'hist' or 'approx'"),
        ({"updater": "magic"}, "updater: value ['magic'] not in range"),
        ({"updater": "grow_colmaker,distcol"}, "Only one tree grow plugin can be selected"),
        ({"updater": "prune", "booster": "gblinear"}, "Linear updater should be one of"),
        ({"updater": "distcol", "process_type": "update"}, "'refresh' and 'prune'"),
        ({"updater": "shotgun"}, "Tree updater should be selected from these options"),
    ],
)
def test_refusals(given: dict[str, str], message: str) -> None:
    with pytest.raises(UserError) as raised:
        validate({"num_round": "1"} | given)
    assert message in str(raised.value)


def test_a_value_that_cannot_be_ranged_is_the_algorithm_s_error() -> None:
    with pytest.raises(AlgorithmError, match="unexpected failure when validating 1"):
        validate({"num_round": "1", "monotone_constraints": "1"})


def test_what_is_missing_is_said_before_what_is_wrong() -> None:
    with pytest.raises(UserError, match="Missing required hyperparameter: num_round"):
        validate({"eta": "fast", "magic": "1"})


def test_metric_definitions_read_the_log() -> None:
    line = "[7]#011train-rmse:35.41350#011train-mae:1e-05#011validation-rmse:58.00115"
    found = {
        definition["Name"]: match[1]
        for definition in XGBOOST.metric_definitions
        if (match := re.search(definition["Regex"], line))
    }
    assert found == {
        "train:rmse": "35.41350",
        "train:mae": "1e-05",
        "validation:rmse": "58.00115",
    }


def test_what_is_described_of_the_metrics_has_room_in_a_definition() -> None:
    """With the metric that a tuning job adds; and what AWS's guide names for tuning is in it."""
    names = [each["Name"] for each in XGBOOST.described_metrics]
    assert len(set(names)) == len(names) < 40
    assert names[0].startswith("train:")
    guide = ("accuracy", "auc", "error", "f1", "logloss", "mae", "map", "merror", "mlogloss",
             "mse", "ndcg", "rmse")  # fmt: skip
    assert {f"{data}:{name}" for data in ("train", "validation") for name in guide} <= set(names)


def test_what_the_tuner_may_search() -> None:
    assert XGBOOST.tuning_metrics["validation:auc"] == "Maximize"
    assert XGBOOST.tuning_metrics["validation:rmse"] == "Minimize"
    assert XGBOOST.tunable["num_round"].type == "Integer"
    assert (XGBOOST.tunable["eta"].low, XGBOOST.tunable["eta"].high) == (0.1, 0.5)
    assert "seed" not in XGBOOST.tunable
