"""Predictions as the bytes that a client gets, in the format that it accepts.

Follows "Linear learner response formats" of the developer guide.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from labcloud.algorithms import recordio
from labcloud.algorithms.formats import JSON, JSON_LINES, RECORDIO, Floats, name_of


def negotiate(accept: str | None) -> str:
    """The content type to answer with; JSON for one that it does not know, as AWS's container."""
    name = name_of(accept or "")
    return name if name in (JSON_LINES, RECORDIO) else JSON


def encode(scores: Floats, labels: Any, content_type: str) -> bytes:
    """Scores (rows,) or (rows, classes), and labels int (rows,) or None for a regressor."""
    # AWS's scores are of single precision.
    values = scores.astype(np.float32).tolist()
    if labels is None:
        rows = [{"score": value} for value in values]
    else:
        rows = [
            {"score": value, "predicted_label": label}
            for value, label in zip(values, labels.tolist(), strict=True)
        ]
    if content_type == JSON_LINES:
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    if content_type == RECORDIO:
        return recordio.write(
            [{k: v if isinstance(v, list) else [v] for k, v in row.items()} for row in rows]
        )
    return json.dumps({"predictions": rows}).encode()
