"""Judges a model by districts that it has not seen, and writes its errors as JSON."""

from __future__ import annotations

import argparse
import json
import tarfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd


def arguments() -> argparse.Namespace:
    """Where the inputs and outputs of a processing job are."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default="/opt/ml/processing")
    return parser.parse_args()


def evaluate(folder: Path) -> None:
    """Reads model/model.tar.gz and test/test.csv, and writes evaluation/evaluation.json."""
    with tarfile.open(folder / "model" / "model.tar.gz") as archive:
        forest = joblib.load(archive.extractfile("model.joblib"))
    test = pd.read_csv(folder / "test" / "test.csv")
    true = test["MEDV"].to_numpy()
    errors = forest.predict(test.drop(columns="MEDV").to_numpy()) - true

    # The names are those that SageMaker's model registry knows.
    report = {
        "regression_metrics": {
            "rmse": {"value": round(float(np.sqrt((errors**2).mean())), 4)},
            "mae": {"value": round(float(abs(errors).mean()), 4)},
        }
    }
    (folder / "evaluation").mkdir(exist_ok=True)
    (folder / "evaluation" / "evaluation.json").write_text(json.dumps(report))
    print(json.dumps(report))


if __name__ == "__main__":
    evaluate(arguments().folder)
