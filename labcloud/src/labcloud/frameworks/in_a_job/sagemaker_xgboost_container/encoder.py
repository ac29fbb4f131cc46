"""Requests as DMatrix, and answers as JSON lines."""

import json
from typing import Any

from labcloud.frameworks.toolkit.dmatrix import (
    csv_to_dmatrix,
    decode,
    libsvm_to_dmatrix,
    recordio_protobuf_to_dmatrix,
)

__all__ = (
    "csv_to_dmatrix", "decode", "json_to_jsonlines", "libsvm_to_dmatrix",
    "recordio_protobuf_to_dmatrix",
)  # fmt: skip


def json_to_jsonlines(json_data: dict[str, Any] | str) -> bytes:
    """The entries of the one list that an answer has. Raises ValueError if it has more members."""
    answer = json_data if isinstance(json_data, dict) else json.loads(json_data)
    if len(answer) != 1:
        raise ValueError("JSON response is not compatible for conversion to jsonlines.")
    (entries,) = answer.values()
    return "".join(f"{json.dumps(entry)}\n" for entry in entries).encode()
