#!/usr/bin/env python3
"""Makes the data of the local test from scikit-learn's iris flowers: label first, no header.

Every fifth flower is kept from training; ten of these are the request that predict.sh sends.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

from sklearn.datasets import load_iris

TRAINING = Path("test_dir", "input", "data", "training", "iris.csv")
PAYLOAD = Path("payload.csv")


def main(folder: Path) -> None:
    """Writes both files below a folder, which is that of this program unless another is named."""
    iris = load_iris()
    rows = [
        [str(iris.target_names[label]), *map(float, measures)]
        for label, measures in zip(iris.target, iris.data, strict=True)
    ]
    (folder / TRAINING).parent.mkdir(parents=True, exist_ok=True)
    write(folder / TRAINING, (row for number, row in enumerate(rows) if number % 5 != 4))
    write(folder / PAYLOAD, (row[1:] for row in rows[4::15]))


def write(path: Path, rows: Iterable[list[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
