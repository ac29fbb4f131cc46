"""Rows in the formats of a channel or a request: CSV, RecordIO-protobuf, JSON, JSON lines.

Follows "Common data formats" of the developer guide. Numbers only; which of a channel's are
labels, and which labels there may be, is `data`'s business.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from labcloud.algorithms import recordio

CSV = "text/csv"
RECORDIO = "application/x-recordio-protobuf"
JSON = "application/json"
JSON_LINES = "application/jsonlines"

Floats = npt.NDArray[np.float64]


def name_of(content_type: str) -> str:
    """A content type without its parameters (`label_size`, `charset`)."""
    return content_type.split(";")[0].strip().lower()


def csv_rows(content: bytes) -> Floats:
    """Lines of numbers, shape (rows, columns). Raises ValueError for anything else."""
    lines = [line for line in content.decode().splitlines() if line.strip()]
    if not lines:
        raise ValueError("There are no rows")
    rows = np.loadtxt(lines, np.float64, comments=None, delimiter=",", quotechar='"', ndmin=2)
    return _finite(rows)


def recordio_rows(content: bytes) -> tuple[Any, Floats | None]:
    """Features, dense (rows, columns) or scipy CSR, and labels (rows,). Raises ValueError."""
    features, labels = recordio.read(content)
    if isinstance(features, np.ndarray):
        features = features.astype(np.float64)
    _finite(features if isinstance(features, np.ndarray) else features.data)
    return features, None if labels is None else _finite(labels)


def request_rows(body: bytes, content_type: str, width: int) -> Any:
    """The rows of a request, dense (rows, width) or scipy CSR. Raises ValueError.

    `content_type` is one of this module's, `width` the number of features of the model.
    """
    if content_type == CSV:
        rows: Any = csv_rows(body)
    elif content_type == RECORDIO:
        rows = recordio_rows(body)[0]
    elif content_type == JSON:
        request = json.loads(body)
        if not isinstance(request, dict) or not isinstance(request.get("instances"), list):
            raise ValueError('There is no list "instances"')
        return _dense(request["instances"], width)
    else:
        lines = (line for line in body.splitlines() if line.strip())
        return _dense((json.loads(line) for line in lines), width)
    _check_width(rows.shape[1], width)
    return rows


def _check_width(found: int, width: int) -> None:
    if found != width:
        raise ValueError(
            f"The feature dimension of the input: {found} does not match the feature dimension of "
            f"the model: {width}. Please fix the input and try again."
        )


def _dense(instances: Iterable[Any], width: int) -> Floats:
    rows = [_features(instance, width) for instance in instances]
    if not rows:
        raise ValueError("There are no rows")
    return _finite(np.array(rows))


def _features(instance: Any, width: int) -> Floats:
    """One row of {"features": …} or {"data": {"features": …}}: a list, or protobuf's tensor."""
    if not isinstance(instance, dict):
        raise ValueError("An instance is not an object")
    features = instance.get("data", instance)
    features = features.get("features") if isinstance(features, dict) else None
    tensor = features if isinstance(features, dict) else {"values": features}
    values = _numbers(tensor.get("values"))
    if not tensor.get("keys"):
        _check_width(len(values), width)
        return values
    keys, shape = _numbers(tensor["keys"]).astype(int), _numbers(tensor.get("shape"))
    if len(keys) != len(values) or len(shape) != 1:
        raise ValueError('"keys" and "values" have different lengths, or there is no "shape"')
    _check_width(int(shape[0]), width)
    if keys.min() < 0 or keys.max() >= width:
        raise ValueError('A key is not below "shape"')
    row = np.zeros(width)
    row[keys] = values
    return row


def _numbers(values: Any) -> Floats:
    if not isinstance(values, list) or not all(type(value) in (int, float) for value in values):
        raise ValueError("The features of an instance are not a list of numbers")
    return np.array(values, np.float64)


def _finite(numbers: Floats) -> Floats:
    if not np.isfinite(numbers).all():
        raise ValueError("A value is missing or infinite")
    return numbers
