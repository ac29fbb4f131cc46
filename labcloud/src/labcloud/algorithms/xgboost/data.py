"""Training data: the files of a channel, looked at as AWS's container does, as one DMatrix.

Messages name files as the container sees them, under /opt/ml. What a channel may be is checked
in `channels`; parsing of CSV and LIBSVM files is xgboost's own, as on AWS, because a header line
or a text column must come out as the same numbers.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb

from labcloud.algorithms import recordio
from labcloud.algorithms.xgboost import content_types, delimiters
from labcloud.algorithms.xgboost.errors import UserError
from labcloud.algorithms.xgboost.logs import logger

# Folders below the channel's own that are still read.
_DEPTH = 3
_SNIPPET = 50


class Channel:
    """One channel's folder; `name` as in the job's InputDataConfig."""

    def __init__(self, root: Path, name: str) -> None:
        self.path = root / "input" / "data" / name
        self.shown = f"/opt/ml/input/data/{name}"

    def size(self) -> int:
        """Bytes in all files at any depth; 0 for no folder. Raises UserError for a hidden file."""
        total = 0
        for folder, _, files in os.walk(self.path):
            for name in files:
                if name.startswith("."):
                    raise UserError(
                        "Hidden file found in the data path! Remove that before training."
                    )
                total += os.path.getsize(os.path.join(folder, name))
        return total

    def files(self) -> list[Path]:
        """The files to read, in order of their names; deeper ones are left out with a warning."""
        found = sorted(path for path in self.path.rglob("*") if path.is_file())
        near = [path for path in found if len(path.relative_to(self.path).parts) <= _DEPTH]
        if len(near) < len(found):
            logger.warning(
                "The depth of folder %s exceed the limit %s. Files in deeper sub dirs won't be "
                "loaded. Please adjust the folder structure accordingly.", self.shown, _DEPTH,
            )  # fmt: skip
        return near


def load(channels: Sequence[Channel], format_: str, weights: bool, threads: int) -> Any:
    """All rows of the channels as one DMatrix with labels.

    `format_` is one of content_types; with `weights` a CSV's second column is the rows' weights.
    Raises UserError for data that is not of the format.
    """
    files = [path for channel in channels for path in channel.files()]
    for channel in channels:
        logger.info("File path %s of input files", channel.shown)
    for path in files:
        if not path.name.startswith("_"):
            _look_at(path, format_)
    readers = {
        content_types.CSV: lambda: _text(files, _csv_options(files, weights), threads),
        content_types.LIBSVM: lambda: _text(files, "format=libsvm", threads),
        content_types.PARQUET: lambda: _parquet(files, threads),
        content_types.RECORDIO: lambda: _recordio(files, threads),
    }
    try:
        matrix = readers[format_]()
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"Failed to load {format_} data with exception:\n{error}") from error
    if matrix.get_label().size == 0:
        raise UserError(
            "Got input data without labels. Please check the input data set. "
            "If training job is running on multiple instances, please switch "
            "to using single instance if number of records in the data set "
            "is less than number of workers (16 * number of instance) in the cluster."
        )
    return matrix


def warn_of_duplicates(train: Channel, validation: Channel) -> None:
    """Warns of files with one name and one size in both channels, as a slip of the user's."""
    for path in sorted(train.path.iterdir()):
        other = validation.path / path.name
        if path.is_file() and other.is_file() and path.stat().st_size == other.stat().st_size:
            logger.warning(
                "Suspected identical files found. (%s/%s and %s/%s with same size %s bytes). Note: "
                "Duplicate data in the training set and validation set is usually not intentional "
                "and can impair the validity of the model evaluation by the validation score.",
                train.shown, path.name, validation.shown, path.name, path.stat().st_size,
            )  # fmt: skip


def _look_at(path: Path, format_: str) -> None:
    """Raises UserError where a file's first lines are not of the format."""
    if format_ not in (content_types.CSV, content_types.LIBSVM):
        return
    with path.open(errors="ignore") as lines:
        if format_ == content_types.CSV:
            _delimiter(lines.readline())
            return
        for line in lines:
            features = _libsvm_features(line)
            if features < 0:
                raise UserError(
                    f"First line '{line[:_SNIPPET]}...' of file '{path.name}' is not 'LIBSVM' "
                    "format. Please ensure the file is in 'LIBSVM' format."
                )
            if features > 1:
                return
    logger.warning(
        "File %s is not an invalid LIBSVM file but has no features. Accepting simple validation.",
        path.name,
    )


def _delimiter(line: str) -> str:
    try:
        delimiter = delimiters.sniff(line)
    except csv.Error as error:
        raise UserError(
            f"Could not determine delimiter on line {line[:_SNIPPET]}:\n{error}"
        ) from error
    logger.info("Determined delimiter of CSV input is '%s'", delimiter)
    return delimiter


def _libsvm_features(line: str) -> int:
    """How many features a line `label[:weight] index:value ...` has; -1 for another line."""
    label, *features = line.split(" ")
    parts = label.split(":")
    try:
        for part in parts:
            float(part)
    except ValueError:
        return -1
    well_formed = len(parts) <= 2 and all(":" in feature for feature in features)
    return len(features) if well_formed and all(f.count(":") == 1 for f in features[:1]) else -1


def _csv_options(files: Sequence[Path], weights: bool) -> str:
    first = next(path for path in files if path.stat().st_size)
    with first.open(errors="ignore") as lines:
        delimiter = _delimiter(lines.readline())
    options = f"format=csv&label_column=0&delimiter={delimiter}"
    return f"{options}&weight_column=1" if weights else options


def _text(files: Sequence[Path], options: str, threads: int) -> Any:
    # xgboost takes a folder's files in the order of the disk, and characters of a name for
    # options: it gets links with plain names, in order.
    with tempfile.TemporaryDirectory() as folder:
        links = []
        for number, path in enumerate(files):
            if path.stat().st_size:
                link = Path(folder, str(number))
                link.symlink_to(path)
                links.append(str(link))
        return xgb.DMatrix(f"{';'.join(links)}?{options}", nthread=threads)


def _parquet(files: Sequence[Path], threads: int) -> Any:
    from pyarrow import parquet

    rows = np.vstack(
        [
            np.column_stack([column.to_numpy() for column in parquet.read_table(path).columns])
            for path in _data_files(files)
        ]
    )
    return xgb.DMatrix(rows[:, 1:], label=rows[:, 0], nthread=threads)


def _recordio(files: Sequence[Path], threads: int) -> Any:
    content = b"".join(path.read_bytes() for path in _data_files(files))
    features, labels = recordio.read(content)
    return xgb.DMatrix(features, label=labels, nthread=threads)


def _data_files(files: Sequence[Path]) -> Iterator[Path]:
    """Without the markers that Spark leaves among its output."""
    return (path for path in files if path.stat().st_size and not path.name.startswith("_"))
