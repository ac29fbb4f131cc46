"""The container's metrics after each round: what xgboost would have computed by them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from sklearn import metrics as sk

from labcloud.algorithms.xgboost import metrics
from labcloud.algorithms.xgboost.evaluation import Evaluation
from labcloud.algorithms.xgboost.predictions import predict

ROUNDS = 5


@pytest.fixture
def matrices() -> list[tuple[Any, str]]:
    random = np.random.default_rng(3)
    found = []
    for rows, name in ((90, "train"), (41, "validation")):
        features = random.normal(size=(rows, 4))
        labels = (features[:, 0] > 0).astype(int) + (features[:, 1] > 0)
        found.append((xgb.DMatrix(features, label=labels), name))
    return found


@pytest.mark.parametrize(
    "params",
    [
        {"objective": "reg:squarederror"},
        {"objective": "reg:squarederror", "booster": "dart", "rate_drop": 0.5},
        {"objective": "reg:squarederror", "booster": "gblinear", "updater": "coord_descent"},
        {"objective": "multi:softprob", "num_class": 3},
        {"objective": "multi:softmax", "num_class": 3},
        {"objective": "binary:logitraw"},
    ],
    ids=lambda params: f"{params['objective']} {params.get('booster', '')}",
)
def test_predictions_are_those_of_the_library(
    params: dict[str, Any], matrices: list[tuple[Any, str]]
) -> None:
    if params["objective"].startswith("binary"):
        for matrix, _ in matrices:
            matrix.set_label(matrix.get_label() > 0)
    booster = xgb.Booster(params, [matrix for matrix, _ in matrices])
    for number in range(ROUNDS):
        booster.update(matrices[0][0], number)
        for matrix, _ in matrices:
            ours = predict(booster, matrix).copy()
            np.testing.assert_array_equal(ours, booster.predict(matrix))


def test_a_matrix_that_does_not_fit_is_the_librarys_error(matrices: list[tuple[Any, str]]) -> None:
    booster = xgb.train({}, matrices[0][0], 1)
    with pytest.raises(xgb.core.XGBoostError, match="column"):
        predict(booster, xgb.DMatrix(np.zeros((3, 9))))


@pytest.mark.parametrize("objective", ["reg:squarederror", "multi:softprob"])
def test_the_history_is_that_of_a_custom_metric(
    objective: str, matrices: list[tuple[Any, str]]
) -> None:
    names = ["mae", "mse", "rmse"] if objective.startswith("reg") else ["accuracy", "f1"]
    params = {"objective": objective} | ({"num_class": 3} if "multi" in objective else {})

    def custom(predictions: Any, matrix: Any) -> list[tuple[str, float]]:
        labels = matrix.get_label()
        return [(name, metrics.value(name, predictions, labels)) for name in names]

    theirs: dict[str, Any] = {}
    xgb.train(params, matrices[0][0], ROUNDS, evals=matrices, verbose_eval=False,
              custom_metric=custom, evals_result=theirs)  # fmt: skip
    ours: dict[str, Any] = {}
    xgb.train(params, matrices[0][0], ROUNDS, evals=matrices, verbose_eval=False,
              callbacks=[Evaluation(names, matrices)], evals_result=ours)  # fmt: skip
    assert ours == theirs
    assert [list(of_data) for of_data in ours.values()] == [
        list(of_data) for of_data in theirs.values()
    ]


@pytest.mark.parametrize("rows", [1, 7, 100, 4_099])
def test_errors_are_scikit_learns_to_the_last_bit(rows: int) -> None:
    random = np.random.default_rng(rows)
    labels, predictions = random.normal(20, 9, (2, rows)).astype(np.float32)
    found = {name: metrics.value(name, predictions, labels) for name in ("mae", "mse", "rmse")}
    mse = sk.mean_squared_error(labels, predictions)
    mae = sk.mean_absolute_error(labels, predictions)
    assert found == {"mae": mae, "mse": mse, "rmse": mse**0.5}


def test_errors_without_end_are_refused_as_scikit_learn_does() -> None:
    labels = np.ones(3, np.float32)
    with pytest.raises(ValueError, match="infinity"):
        metrics.value("rmse", np.array([1, np.inf, 1], np.float32), labels)
