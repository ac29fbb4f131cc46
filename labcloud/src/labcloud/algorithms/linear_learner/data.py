"""The channels of a training job: which there may be, and their rows with labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labcloud.algorithms import formats
from labcloud.algorithms.linear_learner.errors import ClientError, ValidationError
from labcloud.algorithms.linear_learner.hyperparameters import BINARY, MULTICLASS

TRAIN, VALIDATION, TEST = "train", "validation", "test"


@dataclass(frozen=True)
class Rows:
    """Features, dense float64 (rows, columns) or scipy CSR, and labels (rows,)."""

    features: Any
    labels: formats.Floats

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def width(self) -> int:
        return int(self.features.shape[1])

    def first(self, count: int) -> Rows:
        """The first rows, at most `count`."""
        return Rows(self.features[:count], self.labels[:count])


def validate(channels: Mapping[str, Any]) -> None:
    """Raises ValidationError for a missing train channel and for one that is not known."""
    problem = "Unable to initialize the algorithm. Failed to validate input data configuration."
    if TRAIN not in channels:
        raise ValidationError(f"{problem} '{TRAIN}' is a required property")
    for name in channels:
        if name not in (TRAIN, VALIDATION, TEST):
            raise ValidationError(
                f"{problem} Additional properties are not allowed ('{name}' was unexpected)"
            )


def load(root: Path, name: str, channel: Mapping[str, Any], params: dict[str, Any]) -> Rows:
    """All rows of a channel. Raises ClientError for data that is not what the job says."""
    content_type = channel.get("ContentType", formats.RECORDIO)
    format_ = formats.name_of(content_type)
    if format_ not in (formats.CSV, formats.RECORDIO):
        raise ClientError(
            f"No iterator has been registered for ContentType ('{content_type}', '1.0')"
        )
    folder = root / "input" / "data" / name
    files = sorted(
        path
        for path in folder.rglob("*")
        # Without the markers that Spark leaves among its output.
        if path.is_file() and path.stat().st_size and not path.name.startswith(("_", "."))
    )
    parts = [_read(path, name, content_type) for path in files]
    if not parts:
        if name == TRAIN:
            raise ClientError(_NOTHING)
        raise ClientError(f"There is no data in the channel '{name}'.")
    widths = sorted({part.width for part in parts})
    if len(widths) > 1:
        raise ClientError(
            f"The files of the channel '{name}' have different numbers of features: {widths}"
        )
    rows = parts[0] if len(parts) == 1 else _joined(parts)
    _check(rows, name, params)
    return rows


# AWS's words for an empty channel and for a mini-batch that never fills.
_NOTHING = (
    "No training data processed. Either the training channel is empty or the mini-batch size is "
    "too high. Verify that training data contains non-empty files and the mini-batch size is less "
    "than the number of records per training host."
)


def _read(path: Path, name: str, content_type: str) -> Rows:
    content = path.read_bytes()
    try:
        if formats.name_of(content_type) == formats.CSV:
            table = formats.csv_rows(content)
            if table.shape[1] < 2:
                raise ValueError("A row is a label and at least one feature")
            return Rows(table[:, 1:], table[:, 0])
        features, labels = formats.recordio_rows(content)
        if labels is None or len(labels) != features.shape[0]:
            raise ValueError("A record has no label")
        return Rows(features, labels)
    except ValueError as error:
        raise ClientError(
            f"Unable to read data channel '{name}'. Requested content-type is '{content_type}'. "
            "Please verify the data matches the requested content-type. "
            f"(caused by {type(error).__name__})\n\nCaused by: {path.name}: {error}"
        ) from error


def _joined(parts: list[Rows]) -> Rows:
    features = [part.features for part in parts]
    if all(isinstance(part, np.ndarray) for part in features):
        stacked: Any = np.vstack(features)
    else:
        from scipy.sparse import vstack

        stacked = vstack(features, format="csr")
    return Rows(stacked, np.concatenate([part.labels for part in parts]))


def _check(rows: Rows, name: str, params: dict[str, Any]) -> None:
    dimension = params["feature_dim"]
    if dimension not in ("auto", rows.width):
        raise ClientError(
            f"The feature dimension of the channel '{name}': {rows.width} does not match the "
            f"hyperparameter feature_dim: {dimension}. Please fix the input and try again."
        )
    if name == TRAIN and params["mini_batch_size"] > len(rows):
        raise ClientError(_NOTHING)
    classes = {BINARY: 2, MULTICLASS: params["num_classes"]}.get(params["predictor_type"])
    if classes is None:
        return
    labels = rows.labels
    wrong = labels[(labels != np.floor(labels)) | (labels < 0) | (labels >= classes)]
    if len(wrong):
        raise ClientError(
            f"The channel '{name}' has the label {wrong[0]:g}. The labels of a "
            f"{params['predictor_type']} are the integers from 0 to {classes - 1}."
        )
    if name == TRAIN and len(np.unique(labels)) < 2:
        raise ClientError(
            f"All labels of the channel '{name}' are {labels[0]:g}. A classifier needs two classes."
        )
