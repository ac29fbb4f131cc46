"""The outputs that SAGEMAKER_INFERENCE_OUTPUT can select, computed from a model's predictions.

Follows "Selectable Inference Responses"; encoding is `answers`' business.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labcloud.algorithms.xgboost.logs import logger
from labcloud.algorithms.xgboost.model import Predictions

_SCORES = ("raw_score", "raw_scores")
_CLASSES = ("predicted_label", "labels")
_PROBABILITIES = ("probability", "probabilities")
_REGRESSION = ("predicted_score",)

_VALID = {
    "reg:squarederror": _REGRESSION,
    "reg:logistic": _REGRESSION,
    "reg:gamma": _REGRESSION,
    "reg:absoluteerror": _REGRESSION,
    "reg:tweedie": _REGRESSION,
    "binary:logistic": (*_CLASSES, *_PROBABILITIES, *_SCORES),
    "binary:logitraw": (*_CLASSES, *_SCORES),
    "binary:hinge": (*_CLASSES, *_SCORES),
    "multi:softmax": (*_CLASSES, *_SCORES),
    "multi:softprob": (*_CLASSES, *_PROBABILITIES, *_SCORES),
}


def keys(setting: str) -> list[str]:
    """The outputs that the variable names."""
    return setting.replace(" ", "").lower().split(",")


def select(
    predictions: Predictions, wanted: Sequence[str], objective: str, num_class: int
) -> list[dict[str, Any]]:
    """One mapping a row, from output to number or list; an output that the objective lacks is nan.

    Raises ValueError for an objective with no selectable outputs.
    """
    if objective not in _VALID:
        raise ValueError(
            f"Objective `{objective}` unsupported for selectable inference predictions."
        )
    valid = _VALID[objective]
    lacking = [key for key in dict.fromkeys(wanted) if key not in valid]
    if lacking:
        logger.warning(
            "Selected key(s) %s incompatible for objective '%s'. Please use list of compatible "
            "selectable inference predictions: %s", lacking, objective, list(valid),
        )  # fmt: skip
    outputs = (
        _several_classes(num_class) if predictions.ndim > 1 else _one_number(objective, num_class)
    )
    # In the order of the container's answers, not of the variable.
    chosen = [(key, output) for key, output in outputs.items() if key in wanted and key in valid]
    return [
        {key: output(row) for key, output in chosen} | dict.fromkeys(lacking, math.nan)
        for row in predictions
    ]


def _several_classes(num_class: int) -> dict[str, Callable[[Any], Any]]:
    """For a row of a probability a class."""
    return {
        "predicted_label": lambda row: int(np.argmax(row)),
        "labels": lambda row: list(range(num_class)),
        "probability": lambda row: max(row).item(),
        "probabilities": lambda row: row.tolist(),
        "raw_score": lambda row: max(row).item(),
        "raw_scores": lambda row: row.tolist(),
    }


def _one_number(objective: str, num_class: int) -> dict[str, Callable[[Any], Any]]:
    """For a row with one prediction: a probability, a margin, a class or a regression's value."""
    thresholds = {"binary:logistic": 0.5, "binary:logitraw": 0.0}
    classes = list(range(num_class)) if objective.startswith("multi:") else [0, 1]

    def label(value: Any) -> float:
        threshold = thresholds.get(objective)
        return float(value) if threshold is None else int(value > threshold)

    def both(value: Any) -> list[float]:
        return [1.0 - value.item(), value.item()]

    def itself(value: Any) -> float:
        number: float = value.item()
        return number

    return {
        "predicted_label": label,
        "labels": lambda value: classes,
        "probability": itself,
        "probabilities": both,
        "raw_score": itself,
        "raw_scores": both,
        "predicted_score": itself,
    }
