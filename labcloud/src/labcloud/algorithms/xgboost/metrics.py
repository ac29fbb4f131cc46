"""The metrics that AWS's container adds to xgboost's own.

xgboost's own metrics are left to xgboost; the names of both are in `metric_names`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]

_CLASSIFICATION = frozenset(
    {
        "accuracy",
        "balanced_accuracy",
        "f1",
        "f1_binary",
        "f1_macro",
        "precision",
        "precision_macro",
        "precision_micro",
        "recall",
        "recall_macro",
        "recall_micro",
    }
)
_REGRESSION = frozenset({"mae", "mse", "r2", "rmse"})
NAMES = _CLASSIFICATION | _REGRESSION
# What these are the mean of. Every round of most searches is measured by one of them, and
# scikit-learn's checks would take ten times as long as the metric.
_ERRORS: dict[str, Callable[[Floats], Floats]] = {
    "mae": np.abs,
    "mse": np.square,
    "rmse": np.square,
}


def split(tuned: str | None, listed: list[str] | None) -> tuple[list[str], list[str]]:
    """xgboost's own metrics and the container's, of the tuner's objective and of eval_metric.

    `tuned` is like `validation:rmse`. Both lists may be empty; xgboost then evaluates by its
    objective's default metric.
    """
    union = listed or []
    if tuned is not None:
        name = tuned.split(":")[1]
        union = sorted({name, *listed}) if listed else [name]
    return [m for m in union if m not in NAMES], [m for m in union if m in NAMES]


def class_labels(predictions: Floats, objective: str | None) -> npt.NDArray[Any]:
    """The class of each row, shape (rows,), for predictions (rows,) or (rows, classes)."""
    if predictions.ndim == 2:
        classes: npt.NDArray[Any] = predictions.argmax(axis=1)
        return classes
    if objective == "multi:softmax":
        return predictions.astype(int)
    # A probability, except where the objective gives log-odds.
    threshold = 0.0 if objective == "binary:logitraw" else 0.5
    return (predictions > threshold).astype(int)


def counted_labels(predictions: Floats) -> npt.NDArray[Any]:
    """The class that the container's metrics take each row for, shape (rows,).

    It compares with 0, which is right for log-odds, and gets probabilities or classes (its
    `custom_metrics`). `oddity` says of whom that is wrong.
    """
    if predictions.ndim == 2:
        classes: npt.NDArray[Any] = predictions.argmax(axis=1)
        return classes
    return (predictions > 0).astype(int)


def oddity(names: list[str], objective: str | None) -> str:
    """What is wrong with these metrics in AWS's container; empty where they are right."""
    wrong = {
        "binary:logistic": "every row counts as class 1",
        "reg:logistic": "every row counts as class 1",
        "multi:softmax": "every class above 0 counts as class 1",
    }.get(objective or "")
    found = [name for name in names if name in _CLASSIFICATION]
    if not found or not wrong:
        return ""
    return (
        f"The container computes {', '.join(found)} of predictions that it takes for log-odds. "
        f"With {objective} {wrong}."
    )


def value(name: str, predictions: Floats, labels: Floats, objective: str | None = None) -> float:
    """One of NAMES, of predictions as the model gives them: shape (rows,) or (rows, classes).

    `labels` has shape (rows,). With an objective, its predictions are put into classes by its own
    threshold. Raises ValueError where scikit-learn does.
    """
    if name in _ERRORS and predictions.shape == labels.shape and labels.size:
        # The mean of a column, as scikit-learn has it: the sum of a row is rounded otherwise.
        errors = _ERRORS[name](labels - predictions)[:, None]
        error = float(np.add.reduce(errors, axis=0)[0] / np.float32(labels.size))
        if math.isfinite(error):
            return error**0.5 if name == "rmse" else error
        # scikit-learn says what is wrong.

    # It takes a second to import; most jobs never need it.
    from sklearn import metrics as sk

    if name in _CLASSIFICATION and predictions.size == 0:
        return 0.0
    if name in _CLASSIFICATION:
        classes = class_labels(predictions, objective) if objective else counted_labels(predictions)
        arguments = (labels, classes)
    else:
        arguments = (labels, predictions)
    compute: dict[str, Callable[..., float]] = {
        "accuracy": sk.accuracy_score,
        "balanced_accuracy": sk.balanced_accuracy_score,
        "f1": lambda y, p: sk.f1_score(y, p, average="macro"),
        "f1_binary": lambda y, p: sk.f1_score(y, p, average="binary"),
        "f1_macro": lambda y, p: sk.f1_score(y, p, average="macro"),
        "mae": sk.mean_absolute_error,
        "mse": sk.mean_squared_error,
        "precision": sk.precision_score,
        "precision_macro": lambda y, p: sk.precision_score(y, p, average="macro"),
        "precision_micro": lambda y, p: sk.precision_score(y, p, average="micro"),
        "r2": sk.r2_score,
        "recall": sk.recall_score,
        "recall_macro": lambda y, p: sk.recall_score(y, p, average="macro"),
        "recall_micro": lambda y, p: sk.recall_score(y, p, average="micro"),
        "rmse": lambda y, p: sk.mean_squared_error(y, p) ** 0.5,
    }
    return float(compute[name](*arguments))
