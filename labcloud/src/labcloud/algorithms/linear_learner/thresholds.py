"""The score above which a binary classifier says 1, chosen on rows with labels.

Follows "Step 3: Validate and set the threshold" of "How linear learner works".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from labcloud.algorithms.formats import Floats

# Where the loss alone would put it.
DEFAULT = {"logistic": 0.5, "hinge_loss": 0.0}


def choose(scores: Floats, labels: Floats, params: dict[str, Any]) -> float:
    """The threshold that is best by binary_classifier_model_selection_criteria.

    The loss's own one where no other is better, or where none reaches the target.
    """
    default = DEFAULT[params["loss"]]
    criterion = params["binary_classifier_model_selection_criteria"]
    if criterion == "loss_function":
        return default
    found = np.unique(scores)
    between = (found[1:] + found[:-1]) / 2
    # In the scores' own precision no number may lie between two of them.
    between = between[(between >= found[:-1]) & (between < found[1:])]
    candidates = np.concatenate([[default], between])
    value = _values(candidates, scores, labels, criterion, params)
    # The first of equals: the default.
    return float(candidates[value.argmax()]) if np.isfinite(value).any() else default


def _values(
    candidates: Floats, scores: Floats, labels: Floats, criterion: str, params: dict[str, Any]
) -> Floats:
    """How good each candidate is; -inf where it misses the target."""
    order = np.argsort(scores, kind="stable")
    positives_below = np.concatenate([[0], np.cumsum(labels[order])])
    below = np.searchsorted(scores[order], candidates, side="right")
    positives = float(labels.sum())
    hits = positives - positives_below[below]
    said = len(labels) - below
    precision = hits / np.maximum(said, 1)
    recall = hits / max(positives, 1.0)
    if criterion == "accuracy":
        right: Floats = hits + below - positives_below[below]
        return right
    if criterion == "f_beta":
        square = params["f_beta"] ** 2
        weighed: Floats = (1 + square) * hits / np.maximum(square * positives + said, 1)
        return weighed
    if criterion == "precision_at_target_recall":
        return np.where(recall >= params["target_recall"], precision, -np.inf)
    return np.where((precision >= params["target_precision"]) & (said > 0), recall, -np.inf)
