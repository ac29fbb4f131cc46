"""Training itself: one model, or one a fold of a cross-validation.

Gets parsed hyperparameters and matrices; who reads them from /opt/ml is `train`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from labcloud.algorithms.xgboost import checkpoints, metric_names, metrics
from labcloud.algorithms.xgboost.errors import AlgorithmError, TrainingError, from_xgboost
from labcloud.algorithms.xgboost.evaluation import Evaluation
from labcloud.algorithms.xgboost.logs import logger, say
from labcloud.algorithms.xgboost.versions import Version

MODEL_NAME = "xgboost-model"

# The container's own hyperparameters, which xgboost would warn of.
_NOT_XGBOOSTS = ("csv_weights", "use_dask_gpu_training", "dsplit", "prob_buffer_row")

# What xgboost evaluates by itself where no metric is asked for, of the metrics that the container
# has, too.
_DEFAULTS = {"reg:squarederror": "rmse"}


@dataclass
class Job:
    """One training job: `params` are parsed hyperparameters, `checkpoints` a folder or None.

    `both` holds the rows of train and validation for a cross-validation, else it is None.
    """

    params: dict[str, Any]
    train: Any
    validation: Any | None
    both: Any | None
    model: Path
    output_data: Path
    checkpoints: Path | None
    version: Version

    def run(self) -> None:
        """Trains and saves. Raises UserError or AlgorithmError where xgboost fails."""
        params = {key: value for key, value in self.params.items() if key not in _NOT_XGBOOSTS}
        self._rounds = params.pop("num_round")
        self._keep_last = params.pop("save_model_on_termination", "false") == "true"
        patience = params.pop("early_stopping_rounds", None)
        tuned = params.pop("_tuning_objective_metric", None)
        listed = params.pop("eval_metric", None)
        folds, repeats = params.pop("_kfold", None), params.pop("_num_cv_round", 1)
        own, added = metrics.split(tuned, listed)
        if own:
            params["eval_metric"] = own
        elif _DEFAULTS.get(params.get("objective", "reg:squarederror")) in added:
            # The container's value replaces xgboost's own of the same name, on AWS too.
            params["disable_default_eval_metric"] = 1
        self._added = added
        odd = metrics.oddity(added, params.get("objective"))
        if odd and not self.version.measures_margins:
            logger.warning(odd)
        watched = tuned.split(":")[1] if tuned else listed[-1] if listed else None
        self._stopping = (patience, watched) if patience and watched and self.validation else None
        try:
            if folds:
                self._cross_validate(params, folds, repeats)
            else:
                booster, _ = self._fit(params, self.train, MODEL_NAME, self.checkpoints)
                checkpoints.save(booster, self.model / MODEL_NAME)
        except TrainingError:
            raise
        except Exception as error:
            raise from_xgboost(error) from error

    def _fit(
        self, params: dict[str, Any], train: Any, name: str, folder: Path | None
    ) -> tuple[Any, dict[str, Any]]:
        """A model trained on `train`, evaluated on both channels, and its history of metrics."""
        resumed, start = checkpoints.latest(folder)
        watchlist = [(self.train, "train")]
        if self.validation is not None:
            watchlist.append((self.validation, "validation"))
        callbacks: list[Any] = []
        if self._added:
            # Log-odds are compared as such.
            margins = params.get("objective") if self.version.measures_margins else None
            callbacks.append(Evaluation(self._added, watchlist, margins))
        callbacks.append(checkpoints.Monitor(start))
        if folder is not None:
            callbacks.append(checkpoints.Checkpoints(folder, start))
        if self._keep_last:
            callbacks.append(checkpoints.LastModel(self.model / name))
        if self._stopping:
            rounds, metric = self._stopping
            callbacks.append(
                xgb.callback.EarlyStopping(
                    rounds=rounds,
                    metric_name=metric,
                    data_name="validation",
                    maximize=metric in metric_names.MAXIMIZE,
                    save_best=self.version.saves_best,
                )
            )
        history: dict[str, Any] = {}
        booster = xgb.train(
            params,
            train,
            num_boost_round=self._rounds - start,
            evals=watchlist,
            evals_result=history,
            callbacks=[checkpoints.InOrder(callbacks)],
            xgb_model=None if resumed is None else str(resumed),
            verbose_eval=False,
        )
        return booster, history

    def _cross_validate(self, params: dict[str, Any], folds: int, repeats: int) -> None:
        from sklearn.model_selection import (
            RepeatedKFold,
            RepeatedStratifiedKFold,
        )

        objective = params.get("objective")
        if objective is None and "num_class" not in params:
            raise AlgorithmError("Cross validation (_kfold) needs hyperparameter 'objective'.")
        classifies = "num_class" in params or str(objective).startswith("binary:")
        both = self.both
        assert both is not None, "a cross-validation gets the rows of both channels"
        rows = both.num_row()
        logger.info("Run %s-round of %s-fold cross validation with %s rows", repeats, folds, rows)
        splitter = RepeatedStratifiedKFold if classifies else RepeatedKFold
        splits = splitter(n_splits=folds, n_repeats=repeats).split(
            np.zeros((rows, 1)), both.get_label() if classifies else None
        )
        predicted = np.zeros((2, rows, repeats))
        boosters, histories = [], []
        for number, (inside, outside) in enumerate(splits):
            logger.info("Train cross validation fold %s", number % folds + 1)
            folder = self.checkpoints / f"model-{number}" if self.checkpoints else None
            fold = both.slice(inside)
            booster, history = self._fit(params, fold, f"{MODEL_NAME}-{number}", folder)
            boosters.append(booster)
            histories.append(history)
            answer = booster.predict(both.slice(outside))
            predicted[:, outside, number // folds] = _certainty(answer, classifies, objective)
            if len(boosters) % folds == 0:
                logger.info("The metrics of round %s cross validation", len(boosters) // folds)
                say(_summary(self._rounds, histories[-folds:]))
        if repeats > 1:
            logger.info("The overall metrics of %s-round cross validation", repeats)
            say(_summary(self._rounds, histories))
        self._write_predictions(both.get_label(), predicted, classifies)
        for number, booster in enumerate(boosters):
            checkpoints.save(booster, self.model / f"{MODEL_NAME}-{number}")

    def _write_predictions(
        self, labels: npt.NDArray[Any], predicted: npt.NDArray[Any], classifies: bool
    ) -> None:
        """predictions.csv: the true label, the mean prediction, and a class's most common label."""
        from scipy import stats

        logger.info(
            "Storing predictions on validation set(s) in /opt/ml/output/data/predictions.csv"
        )
        columns = [labels, predicted[0].mean(axis=-1)]
        if classifies:
            columns.append(stats.mode(predicted[1], axis=1).mode)
        self.output_data.mkdir(parents=True, exist_ok=True)
        target = self.output_data / "predictions.csv"
        np.savetxt(target, np.column_stack(columns), delimiter=",", fmt="%f")


def _certainty(
    answer: npt.NDArray[Any], classifies: bool, objective: str | None
) -> npt.NDArray[Any]:
    """Shape (2, rows): the prediction or the class's probability, and the class (0 for none)."""
    if not classifies:
        return np.stack([answer, np.zeros_like(answer)])
    labels = metrics.class_labels(answer, objective)
    return np.stack([answer.max(axis=1) if answer.ndim == 2 else answer, labels])


def _summary(rounds: int, histories: list[dict[str, Any]]) -> str:
    """The metric line of a cross-validation: the mean of the folds' last values."""
    values = (
        f"\t{data}-{name}:{np.mean([history[data][name][-1] for history in histories]):.5f}"
        for name in histories[0]["train"]
        for data in histories[0]
    )
    return f"[{rounds}]{''.join(values)}"
