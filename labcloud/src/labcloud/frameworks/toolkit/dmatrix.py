"""The requests of the XGBoost image in script mode, as DMatrix: its container's own encoders."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import xgboost as xgb

from labcloud.algorithms.recordio import read
from labcloud.frameworks.toolkit.encoders import CSV, UnsupportedFormatError


def csv_to_dmatrix(text: str | bytes, dtype: Any = None) -> xgb.DMatrix:
    """Guesses the delimiter by the first line. An empty field is a missing value."""
    content = text.decode() if isinstance(text, bytes) else text
    guessed = csv.Sniffer().sniff(content.split("\n")[0][:512]).delimiter
    delimiter = "," if guessed.isalnum() else guessed
    logging.info("Determined delimiter of CSV input is '%s'", delimiter)
    rows = [
        ["nan" if field == "" else field for field in line.split(delimiter)]
        for line in content.split("\n")
    ]
    return xgb.DMatrix(np.array(rows).astype(dtype or float))


def libsvm_to_dmatrix(text: str | bytes) -> xgb.DMatrix:
    """Indices that begin with 1 are moved to 0. What a line does not name is 0, not missing."""
    content = text.decode() if isinstance(text, bytes) else text
    rows = []
    for line in content.strip().split("\n"):
        pairs = (token.split(":", 1) for token in line.split() if ":" in token)
        rows.append({int(index): float(value) for index, value in pairs})
    if not any(rows):
        return xgb.DMatrix(np.empty((0, 0)))
    first = 1 if min(index for row in rows for index in row) >= 1 else 0
    data = np.zeros((len(rows), max(index for row in rows for index in row) - first + 1))
    for number, row in enumerate(rows):
        for index, value in row.items():
            data[number, index - first] = value
    return xgb.DMatrix(data)


def recordio_protobuf_to_dmatrix(content: bytes) -> xgb.DMatrix:
    """Features, and labels if the records have some."""
    features, labels = read(bytes(content))
    return xgb.DMatrix(features, label=labels)


_DECODERS: dict[str, Callable[[Any], xgb.DMatrix]] = {
    CSV: csv_to_dmatrix,
    "text/libsvm": libsvm_to_dmatrix,
    "text/x-libsvm": libsvm_to_dmatrix,
    "application/x-recordio-protobuf": recordio_protobuf_to_dmatrix,
}


def decode(content: Any, content_type: str) -> xgb.DMatrix:
    """A DMatrix, whatever parameters the content type has. Raises UnsupportedFormatError."""
    media_type = content_type.partition(";")[0].strip()
    if media_type not in _DECODERS:
        raise UnsupportedFormatError(media_type)
    return _DECODERS[media_type](content)
