"""Parquet and RecordIO channels train the same model as CSV, and RecordIO can be read back."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from labcloud.algorithms import recordio

HYPERPARAMETERS = {"objective": "reg:squarederror", "num_round": "3", "max_depth": "3"}

# Written by Google's protobuf library from AWS's schema: two rows of three features and a label.
DENSE = bytes.fromhex(
    "0a23d7ce300000000a1a0a0676616c7565731210120e0a0c0000c03f000000400000404012120a0676616c7565731208"
    "12060a040000803f0a23d7ce300000000a1a0a0676616c7565731210120e0a0c000080400000a0400020964312120a06"
    "76616c756573120812060a0400000000"
)
# Three rows of 300 features, the last without any.
SPARSE = bytes.fromhex(
    "0a23d7ce300000000a1a0a0676616c7565731210120e0a040000c03f1202c8011a02ac0212120a0676616c7565731208"
    "12060a040000803f0a23d7ce350000000a1f0a0676616c756573121512130a080000004000004040120300ab021a02ac"
    "0212120a0676616c756573120812060a04000000000000000a23d7ce260000000a100a0676616c756573120612041a02"
    "ac0212120a0676616c756573120812060a040000803f0000"
)
# One row of the int32 values 1, -2, 300.
INTEGERS = bytes.fromhex(
    "0a23d7ce310000000a1b0a0676616c75657312113a0f0a0d01feffffffffffffffff01ac0212120a0676616c75657312"
    "0812060a040000a040000000"
)
ANSWER = bytes.fromhex(
    "0a23d7ce3c000000121b0a0f7072656469637465645f6c6162656c120812060a040000803f121d0a0d70726f62616269"
    "6c6974696573120c120a0a080000803e0000403f"
)


def table(text: str) -> pa.Table:
    columns = np.loadtxt(io.StringIO(text), delimiter=",").T
    return pa.table({f"column {number}": column for number, column in enumerate(columns)})


def parquet(text: str) -> bytes:
    file = io.BytesIO()
    pq.write_table(table(text), file)
    return file.getvalue()


def test_parquet_trains_as_csv_does(train: Any, regression: dict[str, str]) -> None:
    lines = regression["train"].splitlines(keepends=True)
    channels = {
        "train": {
            "part-0.parquet": parquet("".join(lines[:200])),
            "part-1.parquet": parquet("".join(lines[200:])),
            "_SUCCESS": b"",
        },
        "validation": parquet(regression["validation"]),
    }
    csv = train(HYPERPARAMETERS, regression)
    outcome = train(HYPERPARAMETERS, channels, "application/x-parquet")
    assert outcome.code == 0, outcome.failure
    assert outcome.metrics == csv.metrics


def test_another_file_sent_as_parquet(train: Any, regression: dict[str, str]) -> None:
    outcome = train(HYPERPARAMETERS, regression, "parquet")
    assert outcome.code == 1
    assert "UserError: Failed to load parquet data with exception:" in outcome.failure


def test_a_text_column_of_parquet(train: Any) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"label": [1.0, 2.0], "colour": ["red", "blue"]}), file)
    outcome = train(HYPERPARAMETERS, {"train": file.getvalue()}, "parquet")
    assert "Failed to load parquet data with exception:" in outcome.failure


def test_recordio_trains(train: Any) -> None:
    outcome = train(HYPERPARAMETERS, {"train": DENSE * 20}, "application/x-recordio-protobuf")
    assert outcome.code == 0, outcome.failure
    assert "40 rows and 3 columns" in outcome.log

    outcome = train(HYPERPARAMETERS, {"train": SPARSE * 20}, "recordio-protobuf")
    assert "60 rows and 300 columns" in outcome.log


def test_another_file_sent_as_recordio(train: Any, regression: dict[str, str]) -> None:
    outcome = train(HYPERPARAMETERS, regression, "recordio-protobuf")
    assert "Failed to load recordio-protobuf data with exception:\nInvalid RecordIO magic" in (
        outcome.failure
    )


def test_dense_records() -> None:
    features, labels = recordio.read(DENSE)
    assert labels is not None
    np.testing.assert_array_equal(features, [[1.5, 2, 3], [4, 5, 300.25]])
    np.testing.assert_array_equal(labels, [1, 0])


def test_sparse_records() -> None:
    features, labels = recordio.read(SPARSE)
    assert labels is not None
    expected = np.zeros((3, 300))
    expected[0, 200], expected[1, 0], expected[1, 299] = 1.5, 2, 3
    np.testing.assert_array_equal(features.toarray(), expected)
    np.testing.assert_array_equal(labels, [1, 0, 1])


def test_integer_records() -> None:
    features, labels = recordio.read(INTEGERS)
    assert labels is not None
    np.testing.assert_array_equal(features, [[1, -2, 300]])
    np.testing.assert_array_equal(labels, [5])


def test_written_records() -> None:
    assert recordio.write([{"predicted_label": [1], "probabilities": [0.25, 0.75]}]) == ANSWER


@pytest.mark.parametrize("malformed", [b"", b"1,2,3\n4,5,6\n", DENSE[:20], DENSE[:-5], bytes(40)])
def test_malformed_records(malformed: bytes) -> None:
    with pytest.raises(ValueError, match=r"RecordIO|record"):
        recordio.read(malformed)
