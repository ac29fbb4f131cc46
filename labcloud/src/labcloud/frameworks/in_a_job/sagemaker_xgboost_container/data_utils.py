"""Channels as DMatrix."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labcloud.algorithms.xgboost import content_types, data


class _Place(data.Channel):
    """A folder or a file, wherever it is."""

    def __init__(self, path: str) -> None:
        self.path, self.shown = Path(path), path

    def files(self) -> list[Path]:
        return [self.path] if self.path.is_file() else super().files()


def get_dmatrix(
    data_path: str | Sequence[str], content_type: str, csv_weights: int = 0, is_pipe: bool = False
) -> Any:
    """All rows of a folder, a file, or several; None for a path where nothing is.

    With `csv_weights`, a CSV's second column is the rows' weights. Raises what tells that the data
    is not of the type: `csv`, `libsvm`, `parquet` or `recordio-protobuf`.
    """
    if is_pipe:
        raise NotImplementedError("labcloud does not have pipes")
    if isinstance(data_path, str) and not os.path.exists(data_path):
        return None
    places = [data_path] if isinstance(data_path, str) else data_path
    return data.load(
        [_Place(path) for path in places], content_types.parse(content_type.lower()),
        bool(csv_weights), os.cpu_count() or 1,
    )  # fmt: skip
