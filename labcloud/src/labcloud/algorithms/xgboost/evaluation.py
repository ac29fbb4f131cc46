"""Evaluates a model by the container's own metrics after each round of its training."""

from __future__ import annotations

from typing import Any

from xgboost.callback import TrainingCallback

from labcloud.algorithms.xgboost import metrics
from labcloud.algorithms.xgboost.predictions import predict


class Evaluation(TrainingCallback):
    """Adds the metrics to xgboost's history, after those that xgboost has computed itself.

    To be called before callbacks that read the history. `watchlist` is that of xgboost.train,
    `margins` the objective whose classes the metrics know; without it they compare with 0.
    """

    def __init__(
        self, names: list[str], watchlist: list[tuple[Any, str]], margins: str | None = None
    ) -> None:
        self._names = names
        self._margins = margins
        self._watched = [(matrix, matrix.get_label(), data) for matrix, data in watchlist]

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        for matrix, labels, data in self._watched:
            predictions = predict(model, matrix)
            history = evals_log.setdefault(data, {})
            for name in self._names:
                value = metrics.value(name, predictions, labels, self._margins)
                # AWS's container hands its metrics to xgboost, which keeps six decimals.
                history.setdefault(name, []).append(float(f"{value:f}"))
        return False
