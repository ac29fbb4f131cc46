"""The trained model, or the ensemble of a cross-validation, loaded once and asked many times.

Predicts from rows that `payload` has parsed; what a client gets to see is `answers`' business.
"""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from labcloud.algorithms.xgboost.content_types import LIBSVM
from labcloud.algorithms.xgboost.errors import without_stack
from labcloud.algorithms.xgboost.logs import logger

Predictions = npt.NDArray[Any]

# Containers before 1.3 saved a pickled Booster; no other model file starts with this byte.
_PICKLE = b"\x80"


class CannotPredict(Exception):
    """The rows do not fit the model; the message is xgboost's, or says which sizes clash."""


class Model:
    """All boosters of a model folder; `objective` is e.g. `multi:softprob`."""

    def __init__(self, boosters: list[Any], pickled: bool) -> None:
        self._boosters = boosters
        self._pickled = pickled
        learner = json.loads(boosters[0].save_config())["learner"]
        self.objective: str = learner["objective"]["name"]
        self.num_class = int(learner["learner_model_param"].get("num_class") or 0)
        self._columns: int = boosters[0].num_features()
        # xgboost reads an array in place for trees only.
        self._in_place = learner["gradient_booster"]["name"] != "gblinear"

    @classmethod
    def load(cls, folder: Path, ensemble: bool) -> Model:
        """The model of a folder; without `ensemble` the first file's alone.

        Raises RuntimeError where there is no file, or one that xgboost cannot read.
        """
        paths = sorted(path for path in folder.glob("*") if path.is_file())
        shown = [path for path in paths if not path.name.startswith(".")]
        if not shown:
            raise RuntimeError("There is no model file in /opt/ml/model")
        loaded = [_load(path) for path in (shown if ensemble else shown[:1])]
        model = cls([booster for booster, _ in loaded], loaded[0][1])
        logger.info("Model objective : %s", model.objective)
        return model

    def predict(self, rows: Any, format_: str) -> Predictions:
        """Predictions for rows (dense (rows, columns) or scipy CSR): (rows,) or (rows, classes).

        Fewer columns than the model has are taken as missing values. Raises CannotPredict.
        """
        columns = rows.shape[1]
        if self._pickled:
            self._check_pickled(columns, format_)
        try:
            if isinstance(rows, np.ndarray) and columns <= self._columns and self._in_place:
                if columns < self._columns:
                    missing = np.full((len(rows), self._columns - columns), np.nan)
                    rows = np.hstack([rows, missing])
                answers = [
                    booster.inplace_predict(rows, validate_features=False)
                    for booster in self._boosters
                ]
            else:
                matrix = xgb.DMatrix(rows, nthread=1)
                answers = [
                    booster.predict(matrix, validate_features=False) for booster in self._boosters
                ]
        except Exception as error:
            raise CannotPredict(without_stack(error)) from error
        return answers[0] if len(answers) == 1 else self._combine(answers)

    def _combine(self, answers: list[Predictions]) -> Predictions:
        """The members' vote where they answer with a class, else their mean."""
        if self.objective in ("multi:softmax", "binary:hinge"):
            from scipy import stats

            vote: Predictions = stats.mode(np.array(answers), axis=0).mode
            return vote
        mean: Predictions = np.mean(answers, axis=0)
        return mean

    def _check_pickled(self, columns: int, format_: str) -> None:
        # The container has always been stricter with models from before 1.3.
        if format_ == LIBSVM and columns > self._columns + 1:
            raise CannotPredict(
                f"Feature size of libsvm inference data {columns} is larger than "
                f"feature size of trained model {self._columns}."
            )
        if format_ != LIBSVM and self._columns not in (columns, columns + 1):
            raise CannotPredict(
                f"Feature size of {format_} inference data {columns} is not consistent "
                f"with feature size of trained model {self._columns}."
            )


def _load(path: Path) -> tuple[Any, bool]:
    """A booster, and whether it was pickled."""
    shown = f"/opt/ml/model/{path.name}"
    logger.info("Loading the model from %s", shown)
    content = path.read_bytes()
    pickled = content.startswith(_PICKLE)
    try:
        booster = pickle.loads(content) if pickled else xgb.Booster(model_file=bytearray(content))
        # One request is one core's work: the platform sends several at a time.
        booster.set_param({"nthread": 1})
    except Exception as error:
        raise RuntimeError(f"Model {shown} cannot be loaded:\n{without_stack(error)}") from error
    return booster, pickled
