"""Trains a random forest on the prices of houses, and lays the serving script beside it."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

import joblib
import pandas as pd
from sklearn.ensemble import RandomForestRegressor


def arguments() -> argparse.Namespace:
    """What this run was told. In a container, SageMaker's variables say where things are."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--train-dir", type=Path, default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--model-dir", type=Path, default=os.environ.get("SM_MODEL_DIR"))
    known, _ = parser.parse_known_args()
    return known


def train(told: argparse.Namespace) -> None:
    """Reads the channel, trains, and saves the model with the script that serves it."""
    table = pd.read_csv(told.train_dir / "train.csv")
    forest = RandomForestRegressor(n_estimators=told.trees, random_state=0)
    forest.fit(table.drop(columns="MEDV").to_numpy(), table["MEDV"].to_numpy())
    print(f"Trained {told.trees} trees on {len(table)} districts")

    joblib.dump(forest, told.model_dir / "model.joblib")
    # In the artifact, the container that serves looks for its script in code/.
    (told.model_dir / "code").mkdir(exist_ok=True)
    shutil.copy(Path(__file__).with_name("serve.py"), told.model_dir / "code")


if __name__ == "__main__":
    train(arguments())
