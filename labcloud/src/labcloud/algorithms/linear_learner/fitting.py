"""The fit, by scikit-learn: from rows to the weights and the bias of a linear function.

The problem is AWS's: the mean loss + wd / 2 · |weights|² + l1 · |weights|₁, on normalized rows.
Where scikit-learn has an exact solver it is taken; hinge, huber and the eps-insensitive losses are
fitted by stochastic gradient descent, always in the same order. The same job gives the same model.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import linear_model
from sklearn.preprocessing import StandardScaler

from labcloud.algorithms.formats import Floats
from labcloud.algorithms.linear_learner.data import Rows
from labcloud.algorithms.linear_learner.hyperparameters import MULTICLASS, REGRESSOR
from labcloud.algorithms.linear_learner.model import Model

# What `auto` means for wd; AWS tries several. Classes that can be told apart need some.
_CLASSIFIER_WD = 1e-4
_ITERATIONS = 1000
_TOLERANCE = 1e-6
_LEARNING_RATE = 0.01
# The most rows of a linear program for the absolute loss: its time grows with their square.
_PROGRAM = 5000
_DESCENT_LOSSES = {
    "absolute_loss": "epsilon_insensitive",
    "hinge_loss": "hinge",
    "huber_loss": "huber",
    "eps_insensitive_absolute_loss": "epsilon_insensitive",
    "eps_insensitive_squared_loss": "squared_epsilon_insensitive",
}


def fit(rows: Rows, params: dict[str, Any]) -> Model:
    """The model of these rows; its threshold is still to be found.

    `params` are the validated hyperparameters.
    """
    scaler = _scaler(rows, params)
    features = scaler.transform(rows.features)
    labels, middle, spread = _labels(rows, params)
    estimator = _estimator(len(rows), params)
    estimator.fit(features, labels)

    weights = np.atleast_2d(estimator.coef_).T
    bias = np.broadcast_to(np.asarray(estimator.intercept_, np.float64), weights.shape[1:])
    # Back to the features and labels as they came.
    if scaler.scale_ is not None:
        weights = weights / scaler.scale_[:, None]
    if scaler.with_mean:
        bias = bias - scaler.mean_ @ weights
    if params["predictor_type"] == MULTICLASS:
        weights, bias = _all_classes(weights, bias, estimator.classes_, params["num_classes"])
    return Model(params["predictor_type"], params["loss"], weights * spread, bias * spread + middle)


def _scaler(rows: Rows, params: dict[str, Any]) -> Any:
    """Fitted on the first rows. Sparse rows are not shifted; without a bias, no rows are."""
    dense = isinstance(rows.features, np.ndarray)
    shift = dense and params["use_bias"] and params["unbias_data"] is not False
    scaler = StandardScaler(with_mean=shift, with_std=params["normalize_data"] is not False)
    return scaler.fit(rows.first(params["num_point_for_scaler"]).features)


def _labels(rows: Rows, params: dict[str, Any]) -> tuple[Floats, float, float]:
    """The labels to fit, and what they were shifted and divided by."""
    if params["predictor_type"] != REGRESSOR:
        return rows.labels, 0.0, 1.0
    known = rows.first(params["num_point_for_scaler"]).labels
    shift = params["use_bias"] and params["unbias_label"] is not False
    middle = float(known.mean()) if shift else 0.0
    spread = float(known.std()) if params["normalize_label"] is not False else 1.0
    spread = spread or 1.0
    return (rows.labels - middle) / spread, middle, spread


def _estimator(count: int, params: dict[str, Any]) -> Any:
    """scikit-learn's estimator for a loss and its penalties; `count` is the number of rows."""
    loss, bias = params["loss"], params["use_bias"]
    regressor = params["predictor_type"] == REGRESSOR
    l1 = 0.0 if params["l1"] == "auto" else params["l1"]
    wd = (0.0 if regressor else _CLASSIFIER_WD) if params["wd"] == "auto" else params["wd"]
    if loss == "squared_loss":
        return _least_squares(count, wd, l1, bias)
    if loss == "quantile_loss" or (loss == "absolute_loss" and count <= _PROGRAM):
        # A linear program: it has no place for wd. The pinball loss of 0.5 is half the absolute.
        absolute = loss == "absolute_loss"
        return linear_model.QuantileRegressor(
            quantile=0.5 if absolute else params["quantile"],
            alpha=l1 / 2 if absolute else l1,
            fit_intercept=bias,
        )
    if loss in ("logistic", "softmax_loss"):
        return _logistic(count, wd, l1, bias, _class_weight(params))
    options = {
        "loss": _DESCENT_LOSSES[loss],
        "penalty": "elasticnet" if wd + l1 else None,
        "alpha": wd + l1,
        "l1_ratio": l1 / (wd + l1) if wd + l1 else 0.0,
        "fit_intercept": bias,
        "max_iter": params["epochs"],
        "tol": params["early_stopping_tolerance"],
        "n_iter_no_change": params["early_stopping_patience"],
        "learning_rate": "adaptive",
        "eta0": _LEARNING_RATE if params["learning_rate"] == "auto" else params["learning_rate"],
        "random_state": 0,
    }
    if not regressor:
        return linear_model.SGDClassifier(class_weight=_class_weight(params), **options)
    epsilon = params["huber_delta" if loss == "huber_loss" else "loss_insensitivity"]
    if loss == "absolute_loss":
        epsilon = 0.0
    return linear_model.SGDRegressor(epsilon=epsilon, **options)


def _least_squares(count: int, wd: float, l1: float, bias: bool) -> Any:
    # Of the squares, scikit-learn's ElasticNet takes half the mean, its Ridge the sum.
    if l1:
        return linear_model.ElasticNet(
            alpha=(l1 + wd) / 2,
            l1_ratio=l1 / (l1 + wd),
            fit_intercept=bias,
            max_iter=10 * _ITERATIONS,
        )
    if wd:
        return linear_model.Ridge(alpha=wd * count / 2, fit_intercept=bias)
    return linear_model.LinearRegression(fit_intercept=bias)


def _logistic(count: int, wd: float, l1: float, bias: bool, class_weight: Any) -> Any:
    # scikit-learn sums the losses and weighs the sum by C.
    common = {
        "fit_intercept": bias,
        "class_weight": class_weight,
        "max_iter": _ITERATIONS,
        "tol": _TOLERANCE,
    }
    if l1:
        return linear_model.LogisticRegression(
            penalty="elasticnet",
            solver="saga",
            C=1 / (count * (wd + l1)),
            l1_ratio=l1 / (wd + l1),
            random_state=0,
            **common,
        )
    if wd:
        return linear_model.LogisticRegression(C=1 / (count * wd), **common)
    return linear_model.LogisticRegression(penalty=None, **common)


def _class_weight(params: dict[str, Any]) -> Any:
    if params["predictor_type"] == MULTICLASS:
        return "balanced" if params["balance_multiclass_weights"] else None
    weight = params["positive_example_weight_mult"]
    if weight == "balanced":
        return "balanced"
    return None if weight == "auto" else {0.0: 1.0, 1.0: weight}


def _all_classes(
    weights: Floats, bias: Floats, classes: Floats, count: int
) -> tuple[Floats, Floats]:
    """One output a class; a class that no row had gets a probability of 0."""
    if len(classes) == 2:
        # scikit-learn has one output for two classes.
        weights = np.hstack([np.zeros_like(weights), weights])
        bias = np.array([0.0, bias[0]])
    every_weight = np.zeros((len(weights), count))
    every_bias = np.full(count, -np.inf)
    every_weight[:, classes.astype(int)] = weights
    every_bias[classes.astype(int)] = bias
    return every_weight, every_bias
