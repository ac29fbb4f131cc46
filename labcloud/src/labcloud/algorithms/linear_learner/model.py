"""The trained model: weights and a bias for each output, a loss, a threshold.

Saved as numpy's arrays without pickle under AWS's name of the file, `model_algo-1`; AWS's own file
is an archive of MXNet's, and neither can be read as the other.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from labcloud.algorithms.formats import Floats
from labcloud.algorithms.linear_learner.hyperparameters import BINARY, LOSSES, REGRESSOR

FILE = "model_algo-1"
_FORMAT = "labcloud linear-learner 1"


@dataclass(frozen=True)
class Model:
    """`weights` (features, outputs) and `bias` (outputs,): one output, or one for each class.

    `threshold` is the score of a binary classifier above which a row is of class 1.
    """

    predictor_type: str
    loss: str
    weights: Floats
    bias: Floats
    threshold: float = 0.0

    @property
    def width(self) -> int:
        """The number of features."""
        return int(self.weights.shape[0])

    def scores(self, features: Any) -> Floats:
        """Scores of rows (rows, columns): (rows,), or (rows, classes) of a multiclass model.

        Probabilities where the loss is logistic or softmax.
        """
        raw: Floats = np.asarray(features @ self.weights) + self.bias
        if self.loss == "softmax_loss":
            powers = np.exp(raw - raw.max(axis=1, keepdims=True))
            shares: Floats = powers / powers.sum(axis=1, keepdims=True)
            return shares
        if self.loss == "logistic":
            # exp of a large number overflows; tanh does not.
            raw = 0.5 * (1 + np.tanh(0.5 * raw))
        return raw[:, 0]

    def labels(self, scores: Floats) -> Any:
        """The predicted class of each row, int (rows,); None for a regressor."""
        if self.predictor_type == REGRESSOR:
            return None
        if self.predictor_type == BINARY:
            return (scores > self.threshold).astype(int)
        return scores.argmax(axis=1)

    def save(self, folder: Path) -> None:
        """Writes the model's file into a folder, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / FILE).open("wb") as file:
            np.savez(
                file,
                format=np.array(_FORMAT),
                predictor_type=np.array(self.predictor_type),
                loss=np.array(self.loss),
                weights=self.weights,
                bias=self.bias,
                threshold=np.array(self.threshold),
            )

    @classmethod
    def load(cls, folder: Path) -> Model:
        """The model of a folder. Raises RuntimeError if `save` has not written one there."""
        path = folder / FILE
        if not path.is_file():
            raise RuntimeError(f"There is no file {FILE} in /opt/ml/model")
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                if str(arrays["format"]) != _FORMAT:
                    raise ValueError(f"its format is {arrays['format']}")
                model = cls(
                    str(arrays["predictor_type"]),
                    str(arrays["loss"]),
                    arrays["weights"].astype(np.float64),
                    arrays["bias"].astype(np.float64),
                    float(arrays["threshold"]),
                )
            if model.loss not in LOSSES.get(model.predictor_type, ()):
                raise ValueError(f"its loss is {model.loss}")
            if model.weights.ndim != 2 or model.bias.shape != model.weights.shape[1:]:
                raise ValueError("its weights and bias do not fit together")
        except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile) as error:
            raise RuntimeError(
                f"/opt/ml/model/{FILE} is not a model of labcloud's linear-learner: {error}. "
                "A model that AWS has trained cannot be served here."
            ) from error
        return model
