"""Predictions as the bytes that a client gets, in the format that it accepts.

Which outputs SAGEMAKER_INFERENCE_OUTPUT selects is worked out in `selection`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from labcloud.algorithms import recordio
from labcloud.algorithms.xgboost.model import Predictions

CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
RECORDIO = "application/x-recordio-protobuf"
ACCEPTED = [JSON, JSON_LINES, RECORDIO, CSV]


class NotAcceptable(Exception):
    """An Accept header that the container does not know (HTTP 406)."""


class CannotEncode(Exception):
    """Predictions that the container cannot give in the accepted format (HTTP 500)."""


def negotiate(accept: str | None, default: str) -> str:
    """The content type to answer with. Raises NotAcceptable."""
    name = (accept or "").split(";")[0].strip()
    if not name or name == "*/*":
        return default
    if name.lower() not in ACCEPTED:
        raise NotAcceptable(
            f"Accept type {name} is not supported. Please use supported accept types: {ACCEPTED}."
        )
    return name.lower()


def encode(predictions: Predictions, content_type: str) -> bytes:
    """Predictions (rows,) or (rows, classes), a row a line in CSV. Raises CannotEncode."""
    values = predictions.tolist()
    if content_type == JSON:
        return json.dumps({"predictions": [{"score": value} for value in values]}).encode()
    if content_type == CSV:
        rows = (
            (",".join(map(str, row)) for row in values)
            if predictions.ndim > 1
            else map(str, values)
        )
        return ("\n".join(rows) + "\n").encode()
    raise CannotEncode(
        f"Predictions cannot be encoded as {content_type}. Accept {CSV} or {JSON}, or set "
        "SAGEMAKER_INFERENCE_OUTPUT."
    )


def encode_joined(predictions: Predictions) -> bytes:
    """As the images before 1.2-2 answer, whatever is accepted: all in one line."""
    return ",".join(map(str, predictions.tolist())).encode()


def encode_batch(predictions: Predictions) -> bytes:
    """For a transform job with any Accept: one Python number or list a line."""
    return ("\n".join(map(str, predictions.tolist())) + "\n").encode()


def encode_selected(
    rows: Sequence[Mapping[str, Any]], keys: Sequence[str], content_type: str, batch: bool
) -> bytes:
    """Selected outputs, one mapping a row, in CSV in the order of `keys`. Raises CannotEncode."""
    if content_type == JSON:
        return json.dumps({"predictions": rows}).encode()
    if content_type == JSON_LINES:
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    if content_type == RECORDIO:
        listed = ({k: v if isinstance(v, list) else [v] for k, v in row.items()} for row in rows)
        return recordio.write(list(listed))
    if content_type == CSV:
        lines = (",".join(_cell(row[key]) for key in keys) for row in rows)
        return ("\n".join(lines) + ("\n" if batch else "")).encode()
    raise CannotEncode(f"Cannot encode selected predictions into accept type '{content_type}'.")


def _cell(value: Any) -> str:
    return f'"{value}"' if isinstance(value, list) else str(value)
