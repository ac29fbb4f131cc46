"""Numbers in a CSV body are those that Python's float makes of them, whatever reads them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcloud.algorithms.xgboost.payload import csv_rows

# What numbers are made of, and what only looks like it.
_TEXT = st.text("0123456789.,-+eE_xnaif() \r\t\0١", max_size=12)
_NUMBER = st.floats(allow_infinity=False).map(repr) | st.decimals(allow_nan=False).map(str)


_CELL = st.one_of(_NUMBER, _NUMBER, _NUMBER, st.just(""), _TEXT)


@given(st.lists(st.lists(_CELL, min_size=3, max_size=3), min_size=1))
def test_values_are_those_of_float(cells: list[list[str]]) -> None:
    # With one more column, so that the comma is the delimiter beyond doubt.
    cells = [[*row, "7"] for row in cells]
    body = "\n".join(",".join(row) for row in cells)
    values = [value for line in body.strip().split("\n") for value in line.split(",")]
    try:
        expected = np.array([float(value) if value else np.nan for value in values])
    except ValueError:
        expected = None
    if expected is None or np.isinf(expected).any() or len(values) != 4 * len(cells):
        # What it says then is a matter of the recorded cases.
        return
    np.testing.assert_array_equal(csv_rows(body.encode()), expected.reshape(-1, 4))


@pytest.mark.parametrize(
    "value", ["1_0x", "0x10", "nan(1)", "1 2", "1e", "--1", "(1)", "1\x002", "1.5abc"]
)
def test_what_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="could not convert string to float"):
        csv_rows(f"1,2,3,4\n5,{value},6,7\n".encode())
