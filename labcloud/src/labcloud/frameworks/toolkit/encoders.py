"""How requests become arrays, and arrays become answers, where a script does not say it.

After `encoders` of sagemaker-containers, odd corners included: a CSV of one row has one dimension.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"
ANY = "*/*"
# Their bodies reach a script as text; all others as bytes.
UTF8_TYPES = (JSON, CSV)


class ClientError(Exception):
    """What a user's data or script is to blame for."""


class UnsupportedFormatError(Exception):
    """There is no encoder or decoder for a content type."""

    def __init__(self, content_type: str) -> None:
        self.message = (
            f"Content type {content_type} is not supported by this framework.\n\n"
            "            Please implement input_fn to to deserialize the request data or an "
            "output_fn to\n            serialize the response. For more information, see the "
            "SageMaker Python SDK README."
        )
        super().__init__(self.message)


def array_to_npy(array_like: Any) -> bytes:
    """An array in numpy's own format."""
    buffer = io.BytesIO()
    np.save(buffer, array_like)
    return buffer.getvalue()


def npy_to_numpy(data: bytes) -> Any:
    """Unpickles, as AWS's does: whoever may invoke an endpoint may run code in its container."""
    return np.load(io.BytesIO(data), allow_pickle=True)


def array_to_json(array_like: Any) -> str:
    """JSON; what has `tolist` is made a list of."""

    def default(value: Any) -> Any:
        if hasattr(value, "tolist"):
            return value.tolist()
        return json.JSONEncoder().default(value)

    return json.dumps(array_like, default=default)


def json_to_numpy(text: str | bytes, dtype: Any = None) -> Any:
    """An array of what JSON holds."""
    return np.array(json.loads(text), dtype=dtype)


def csv_to_numpy(text: str, dtype: Any = None) -> Any:
    """An array of texts, or of `dtype`; of one dimension if there is one row or one column."""
    try:
        reader = csv.reader(
            io.StringIO(text), delimiter=",", quotechar='"', doublequote=True, strict=True
        )
        array: Any = np.array(list(reader)).squeeze()
    except csv.Error as error:
        raise ClientError(f"Error while decoding csv: {error}") from error
    try:
        return array.astype(dtype)
    except ValueError as error:
        if dtype is None:
            return array
        raise ClientError(f"Error while writing numpy array: {error}. dtype is: {dtype}") from error


def array_to_csv(array_like: Any) -> str:
    """CSV; an array of one dimension has one value a line."""
    array = np.array(array_like)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    stream = io.StringIO()
    try:
        csv.writer(
            stream, lineterminator="\n", delimiter=",", quotechar='"', doublequote=True, strict=True
        ).writerows(array)
    except csv.Error as error:
        raise ClientError(f"Error while encoding csv: {error}") from error
    return stream.getvalue()


_ENCODERS: dict[str, Callable[[Any], str | bytes]] = {
    NPY: array_to_npy,
    CSV: array_to_csv,
    JSON: array_to_json,
}
_DECODERS: dict[str, Callable[[Any], Any]] = {
    NPY: npy_to_numpy,
    CSV: csv_to_numpy,
    JSON: json_to_numpy,
}


def decode(content: Any, content_type: str) -> Any:
    """An array. Raises UnsupportedFormatError, ClientError, and what is wrong with the content."""
    if content_type not in _DECODERS:
        raise UnsupportedFormatError(content_type)
    return _DECODERS[content_type](content)


def encode(array_like: Any, content_type: str) -> str | bytes:
    """Raises UnsupportedFormatError, ClientError."""
    if content_type not in _ENCODERS:
        raise UnsupportedFormatError(content_type)
    return _ENCODERS[content_type](array_like)
