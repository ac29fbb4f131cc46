"""What the XGBoost image makes of a request in script mode."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from labcloud.frameworks.toolkit import dmatrix
from labcloud.frameworks.toolkit.encoders import UnsupportedFormatError

# Written by Google's protobuf library from AWS's schema: two rows of three features and a label.
RECORDS = bytes.fromhex(
    "0a23d7ce300000000a1a0a0676616c7565731210120e0a0c0000c03f000000400000404012120a0676616c7565731208"
    "12060a040000803f0a23d7ce300000000a1a0a0676616c7565731210120e0a0c000080400000a0400020964312120a06"
    "76616c756573120812060a0400000000"
)


def rows(matrix: xgb.DMatrix) -> list[list[float | None]]:
    """What is in a DMatrix; None where a value is missing."""
    data = matrix.get_data()
    found: list[list[float | None]] = [[None] * matrix.num_col() for _ in range(matrix.num_row())]
    for number, (begin, end) in enumerate(zip(data.indptr, data.indptr[1:], strict=False)):
        for place in range(begin, end):
            found[number][data.indices[place]] = float(data.data[place])
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " "])
@pytest.mark.parametrize("kind", [str, str.encode])
def test_the_delimiter_of_a_csv_is_guessed(delimiter: str, kind: Any) -> None:
    text = delimiter.join(["1.5", "2", "3.25"]) + "\n" + delimiter.join(["4", "5", "6"])
    assert rows(dmatrix.decode(kind(text), "text/csv")) == [[1.5, 2, 3.25], [4, 5, 6]]


def test_an_empty_field_is_missing() -> None:
    assert rows(dmatrix.decode("1,,3\n4,5,", "text/csv")) == [[1, None, 3], [4, 5, None]]


def test_a_csv_must_not_end_with_a_line_s_end() -> None:
    with pytest.raises(ValueError, match=r"\S"):
        dmatrix.decode("1,2\n3,4\n", "text/csv")


@pytest.mark.parametrize("content_type", ["text/libsvm", "text/x-libsvm"])
@pytest.mark.parametrize("text", ["0 1:1.5 3:2\n1 2:7\n", b"0 0:1.5 2:2\n1 1:7"])
def test_a_libsvm_is_dense_and_begins_with_its_first_index(
    content_type: str, text: str | bytes
) -> None:
    assert rows(dmatrix.decode(text, content_type)) == [[1.5, 0, 2], [0, 7, 0]]


def test_a_libsvm_without_values_has_no_rows() -> None:
    assert dmatrix.decode("1\n0\n", "text/libsvm").num_row() == 0


def test_records_have_features_and_labels() -> None:
    found = dmatrix.decode(RECORDS, "application/x-recordio-protobuf")
    assert rows(found) == [[1.5, 2, 3], [4, 5, 300.25]]
    np.testing.assert_array_equal(found.get_label(), [1, 0])


def test_parameters_of_the_content_type_do_not_matter() -> None:
    assert rows(dmatrix.decode("1,2", "text/csv; charset=utf-8")) == [[1, 2]]


@pytest.mark.parametrize("content_type", ["application/json", "TEXT/CSV", "csv", ""])
def test_every_other_content_type_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedFormatError, match=f"Content type {content_type} is not"):
        dmatrix.decode("[[1,2]]", content_type)
