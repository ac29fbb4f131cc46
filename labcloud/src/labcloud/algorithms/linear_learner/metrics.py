"""The metrics of a model on rows with labels, under the names of AWS's log.

Follows "Tune a linear learner model" of the developer guide. `definitions` has the expressions that
find them in the log.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import metrics as sk

from labcloud.algorithms.formats import Floats
from labcloud.algorithms.linear_learner.data import Rows
from labcloud.algorithms.linear_learner.hyperparameters import BINARY, REGRESSOR
from labcloud.algorithms.linear_learner.model import Model

# Where AWS's log has another name for a loss than the hyperparameter.
_OBJECTIVES = {
    "squared_loss": "mse_objective",
    "logistic": "binary_classification_cross_entropy_objective",
    "softmax_loss": "multiclass_cross_entropy_objective",
}
_SMALLEST = np.finfo(np.float64).tiny


def objective(model: Model, rows: Rows, params: dict[str, Any]) -> tuple[str, float]:
    """The name and the value of the mean loss, without penalties."""
    name = _OBJECTIVES.get(params["loss"], f"{params['loss']}_objective")
    losses = _losses(model.scores(rows.features), rows.labels, params)
    return name, float(losses.mean())


def evaluate(model: Model, rows: Rows, params: dict[str, Any]) -> dict[str, float]:
    """All metrics of the model's kind, by AWS's names, the objective first."""
    name, value = objective(model, rows, params)
    scores = model.scores(rows.features)
    if model.predictor_type == REGRESSOR:
        rest = {
            "mse": sk.mean_squared_error(rows.labels, scores),
            "absolute_loss": sk.mean_absolute_error(rows.labels, scores),
        }
    elif model.predictor_type == BINARY:
        rest = _binary(rows.labels, scores, model.labels(scores), params["f_beta"])
    else:
        rest = _multiclass(rows.labels, scores, model.labels(scores), params)
    return {name: value} | {name: float(number) for name, number in rest.items()}


def kind(name: str) -> str:
    """Whether a metric is a `loss` or a `score`, as the log says."""
    return "loss" if name in ("mse", "absolute_loss") or name.endswith("_objective") else "score"


def _losses(scores: Floats, labels: Floats, params: dict[str, Any]) -> Floats:
    """The loss of each row."""
    loss, epsilon = params["loss"], params["loss_insensitivity"]
    if loss == "softmax_loss":
        of_label = scores[np.arange(len(labels)), labels.astype(int)]
        entropy: Floats = -np.log(np.maximum(of_label, _SMALLEST))
        return entropy
    if loss == "logistic":
        of_label = np.where(labels == 1, scores, 1 - scores)
        cross: Floats = -np.log(np.maximum(of_label, _SMALLEST))
        return cross
    if loss == "hinge_loss":
        hinge: Floats = np.maximum(0.0, params["margin"] - (2 * labels - 1) * scores)
        return hinge
    error = labels - scores
    size = np.abs(error)
    delta, share = params["huber_delta"], params["quantile"]
    by_loss: dict[str, Floats] = {
        "squared_loss": error**2,
        "absolute_loss": size,
        "quantile_loss": np.maximum(share * error, (share - 1) * error),
        "huber_loss": np.where(size <= delta, error**2 / 2, delta * (size - delta / 2)),
        "eps_insensitive_absolute_loss": np.maximum(0.0, size - epsilon),
        "eps_insensitive_squared_loss": np.maximum(0.0, size - epsilon) ** 2,
    }
    return by_loss[loss]


def _binary(labels: Floats, scores: Floats, predicted: Any, beta: float) -> dict[str, float]:
    found = {
        "binary_classification_accuracy": sk.accuracy_score(labels, predicted),
        f"binary_f_{beta:.3f}": sk.fbeta_score(labels, predicted, beta=beta, zero_division=0),
        "precision": sk.precision_score(labels, predicted, zero_division=0),
        "recall": sk.recall_score(labels, predicted, zero_division=0),
    }
    if len(np.unique(labels)) == 2:
        # It is not defined for one class.
        found["roc_auc_score"] = sk.roc_auc_score(labels, scores)
    return found


def _multiclass(
    labels: Floats, scores: Floats, predicted: Any, params: dict[str, Any]
) -> dict[str, float]:
    beta, top = params["f_beta"], params["accuracy_top_k"]
    of_label = scores[np.arange(len(labels)), labels.astype(int)]
    # The place of the right class among the scores, from 1.
    ranks = 1 + (scores > of_label[:, None]).sum(axis=1)
    macro = {"average": "macro", "zero_division": 0}
    return {
        "multiclass_accuracy": sk.accuracy_score(labels, predicted),
        f"multiclass_top_k_accuracy_{top}": (ranks <= top).mean(),
        "dcg": (1 / np.log2(1 + ranks)).mean(),
        "macro_recall": sk.recall_score(labels, predicted, **macro),
        "macro_precision": sk.precision_score(labels, predicted, **macro),
        f"macro_f_{beta:.3f}": sk.fbeta_score(labels, predicted, beta=beta, **macro),
    }
