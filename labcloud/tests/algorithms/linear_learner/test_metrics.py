"""Metrics: computed by hand on a few rows, found in the log by AWS's expressions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from labcloud.algorithms.linear_learner import metrics, thresholds
from labcloud.algorithms.linear_learner.data import Rows
from labcloud.algorithms.linear_learner.definitions import LINEAR_LEARNER
from labcloud.algorithms.linear_learner.hyperparameters import validate
from labcloud.algorithms.linear_learner.model import Model

# Lines that AWS's container has printed, and what a description of the job has made of them.
AWS = {
    "#quality_metric: host=algo-1, validation mse <loss>=22.9426204136": "validation:mse",
    "#quality_metric: host=algo-1, epoch=14, validation mse_objective <loss>=51.0440107073": (
        "validation:objective_loss"
    ),
    "#quality_metric: host=algo-1, validation mse_objective <loss>=22.9426204136": (
        "validation:objective_loss:final"
    ),
    "#quality_metric: host=algo-1, validation multiclass_accuracy <score>=0.9469825155104343": (
        "validation:multiclass_accuracy"
    ),
    "#quality_metric: host=algo-1, validation multiclass_top_k_accuracy_3 <score>=1.0": (
        "validation:multiclass_top_k_accuracy"
    ),
    "#quality_metric: host=algo-1, validation macro_f_1.000 <score>=0.9140763282775879": (
        "validation:macro_f_beta"
    ),
}


@pytest.mark.parametrize("line", AWS)
def test_aws_s_lines_are_found_by_one_definition(line: str) -> None:
    import regex

    found = [
        row["Name"] for row in LINEAR_LEARNER.metric_definitions if regex.search(row["Regex"], line)
    ]
    assert found == [AWS[line]]


def test_every_tuning_metric_has_a_definition() -> None:
    assert LINEAR_LEARNER.tuning_metrics.keys() <= {
        row["Name"] for row in LINEAR_LEARNER.metric_definitions
    }


@pytest.mark.parametrize("kind", ["regressor", "binary", "multiclass"])
def test_a_job_has_the_metrics_of_its_kind(
    train: Any, noisy: Any, virginica: Any, iris: Any, settings: Any, kind: str
) -> None:
    table = {"regressor": noisy, "binary": virginica, "multiclass": iris}[kind]
    found = train(settings[kind], train=table, validation=table, test=table).metrics
    expected = {
        "regressor": {"absolute_loss", "mse"},
        "binary": {
            "binary_classification_accuracy", "binary_f_beta", "precision", "recall",
            "roc_auc_score",
        },
        "multiclass": {
            "dcg", "macro_f_beta", "macro_precision", "macro_recall", "multiclass_accuracy",
            "multiclass_top_k_accuracy",
        },
    }[kind]  # fmt: skip
    names = {f"{data}:{name}" for name in expected for data in ("validation", "test")}
    losses = {
        "train:objective_loss", "validation:objective_loss", "validation:objective_loss:final",
        "test:objective_loss",
    }  # fmt: skip
    assert found.keys() == names | losses | {"train:progress", "train:throughput"}
    assert found["test:objective_loss"] == found["validation:objective_loss"]


def test_multiclass_metrics_by_hand() -> None:
    scores = np.log([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])
    model = Model("multiclass_classifier", "softmax_loss", np.eye(3), np.zeros(3))
    params = validate({"predictor_type": "multiclass_classifier", "num_classes": "3",
                       "accuracy_top_k": "2"})  # fmt: skip
    found = metrics.evaluate(model, Rows(scores, np.array([0.0, 1.0, 2.0, 2.0])), params)
    assert found == pytest.approx(
        {
            "multiclass_cross_entropy_objective": -math.log(0.7 * 0.3 * 0.2 * 0.7) / 4,
            "multiclass_accuracy": 0.5,
            "multiclass_top_k_accuracy_2": 0.75,
            "dcg": (1 + 1 / math.log2(3) + 1 / 2 + 1) / 4,
            "macro_recall": (1 + 0 + 0.5) / 3,
            "macro_precision": (1 / 3 + 0 + 1) / 3,
            "macro_f_1.000": (0.5 + 0 + 2 / 3) / 3,
        }
    )


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("squared_loss", (4 + 0.25) / 2),
        ("absolute_loss", (2 + 0.5) / 2),
        ("quantile_loss", (0.8 * 2 + 0.2 * 0.5) / 2),
        ("huber_loss", (1.5 + 0.125) / 2),
        ("eps_insensitive_absolute_loss", (1.9 + 0.4) / 2),
        ("eps_insensitive_squared_loss", (1.9**2 + 0.4**2) / 2),
    ],
)
def test_losses_by_hand(loss: str, expected: float) -> None:
    model = Model("regressor", loss, np.ones((1, 1)), np.zeros(1))
    params = validate({"predictor_type": "regressor", "loss": loss, "quantile": "0.8",
                       "loss_insensitivity": "0.1"})  # fmt: skip
    # One prediction is 2 too low, the other half too high.
    rows = Rows(np.array([[1.0], [1.5]]), np.array([3.0, 1.0]))
    assert metrics.objective(model, rows, params)[1] == pytest.approx(expected)


SCORES = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
LABELS = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("criterion", "positive"),
    [
        # As many right as with 0.5 and one more.
        ({"binary_classifier_model_selection_criteria": "accuracy"}, 2),
        ({"binary_classifier_model_selection_criteria": "loss_function"}, 3),
        (
            {"binary_classifier_model_selection_criteria": "precision_at_target_recall",
             "target_recall": "1"}, 5,
        ),
        (
            {"binary_classifier_model_selection_criteria": "recall_at_target_precision",
             "target_precision": "0.6"}, 5,
        ),
        ({"binary_classifier_model_selection_criteria": "f_beta", "f_beta": "3"}, 5),
        (
            {"binary_classifier_model_selection_criteria": "recall_at_target_precision",
             "target_precision": "1"}, 2,
        ),
    ],
    ids=str,
)  # fmt: skip
def test_the_threshold_is_best_by_its_criterion(criterion: dict[str, str], positive: int) -> None:
    params = validate({"predictor_type": "binary_classifier", **criterion})
    threshold = thresholds.choose(SCORES, LABELS, params)
    assert (threshold < SCORES).sum() == positive


def test_equals_leave_the_threshold_of_the_loss() -> None:
    params = validate({"predictor_type": "binary_classifier"})
    assert thresholds.choose(np.array([0.1, 0.9]), np.array([0.0, 1.0]), params) == 0.5
