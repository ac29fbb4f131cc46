"""Splits the table of houses: districts to train on, and districts to judge the model by."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

# Each run makes the same split, so that the errors of two runs can be compared.
SPLIT = 42


def arguments() -> argparse.Namespace:
    """What this run was told, with a default for everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--test-share", type=float, default=1 / 3)
    # Below it are the inputs and outputs of a processing job.
    parser.add_argument("--folder", type=Path, default="/opt/ml/processing")
    return parser.parse_args()


def prepare(folder: Path, test_share: float) -> None:
    """Reads raw/houses.csv, and writes train/train.csv and test/test.csv."""
    houses = pd.read_csv(folder / "raw" / "houses.csv").drop(columns="B")
    train, test = train_test_split(houses, test_size=test_share, random_state=SPLIT)
    for name, part in {"train": train, "test": test}.items():
        (folder / name).mkdir(exist_ok=True)
        part.to_csv(folder / name / f"{name}.csv", index=False)
    print(f"{len(train)} districts to train on, {len(test)} to judge by")


if __name__ == "__main__":
    told = arguments()
    prepare(told.folder, told.test_share)
