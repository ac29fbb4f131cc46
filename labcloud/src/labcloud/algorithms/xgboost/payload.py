"""The body of an inference request, parsed into rows as AWS's container does.

Answers with numbers or a refusal (HTTP 415); prediction is `model`'s business.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from labcloud.algorithms import recordio
from labcloud.algorithms.xgboost import content_types, delimiters
from labcloud.algorithms.xgboost.errors import UserError

# The container looks at no more of a line (characters) to find its delimiter.
_SNIFFED = 512


class Refused(Exception):
    """A body, or its content type, that the container does not take."""


def parse(body: bytes, content_type: str | None) -> tuple[Any, str]:
    """The rows of a body, dense float64 (rows, columns) or scipy CSR, and the format they came in.

    Raises Refused with the container's message.
    """
    try:
        format_ = content_types.parse(content_type)
    except UserError as error:
        raise Refused(str(error)) from error
    try:
        if format_ == content_types.CSV:
            return csv_rows(body), format_
        if format_ == content_types.LIBSVM:
            return _libsvm_rows(body), format_
    except Exception as error:
        raise Refused(
            f"Loading {format_} data failed with Exception, please ensure data is in {format_} "
            f"format:\n {type(error)}\n {error}"
        ) from error
    if format_ == content_types.RECORDIO:
        try:
            return recordio.read(body)[0], format_
        except Exception as error:
            raise Refused(
                "Loading recordio-protobuf data failed with Exception, please ensure data is in "
                f"recordio-protobuf format: {type(error)} {error}"
            ) from error
    raise Refused(f"Content-type {content_type} is not supported.")


def csv_rows(body: bytes) -> npt.NDArray[np.float64]:
    """Lines of numbers, shape (rows, columns); an empty value is missing (not-a-number).

    Raises ValueError for text and for lines of different lengths, csv.Error for no delimiter.
    """
    text = body.strip().decode()
    end = text.find("\n")
    delimiter = delimiters.sniff(text[: min(end, _SNIFFED)] if end >= 0 else text[:_SNIFFED])
    if delimiter.isalnum():
        delimiter = ","
    lines = text.split("\n")
    widths = {line.count(delimiter) + 1 for line in lines}
    if len(widths) > 1:
        # As numpy says it to the container.
        raise ValueError(
            "setting an array element with a sequence. The requested array has an "
            "inhomogeneous shape after 1 dimensions. The detected shape was "
            f"({len(lines)},) + inhomogeneous part."
        )
    numbers = _numbers(text.replace("\n", delimiter), delimiter, len(lines) * widths.pop())
    array = numbers.reshape(len(lines), -1)
    if np.isinf(numbers).any():
        # Refuses them, with its own message.
        xgb.DMatrix(array, nthread=1)
    return array


def _numbers(text: str, delimiter: str, count: int) -> npt.NDArray[np.float64]:
    """All values of a text that has so many. Raises ValueError."""
    if delimiter == "," and "(" not in text:
        # Takes less than Python's float does, and half its time. It ends at the first value that
        # it does not take. (It takes nan(...), which Python does not.)
        with contextlib.suppress(ValueError, DeprecationWarning), warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)
            numbers = np.fromstring(text, sep=delimiter)
            if len(numbers) == count:
                return numbers
    values = text.split(delimiter)
    try:
        return np.array(list(map(float, values)))
    except ValueError:
        return np.array([_number(value) for value in values])


def _number(value: str) -> float:
    if value == "":
        return float("nan")
    try:
        return float(value)
    except ValueError:
        # The type is numpy's for text in an array.
        raise ValueError(f"could not convert string to float: np.str_({value!r})") from None


def _libsvm_rows(body: bytes) -> Any:
    """Lines of `index:value`, a label before them or not; indexes that start at 1 are shifted."""
    from scipy.sparse import csr_matrix

    rows, columns, values = list[int](), list[int](), list[str]()
    for number, line in enumerate(body.strip().decode().split("\n")):
        for item in line.split(" "):
            if ":" in item:
                index, value = item.split(":")[:2]
                rows.append(number)
                columns.append(int(index))
                values.append(value)
    shift = 1 if columns and min(columns) >= 1 else 0
    numbers = np.array([_strict(value) for value in values], float)
    return csr_matrix((numbers, (np.array(rows, int), np.array(columns, int) - shift)))


def _strict(value: str) -> float:
    if value == "":
        raise ValueError("could not convert string to float: np.str_('')")
    return _number(value)
