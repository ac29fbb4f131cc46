"""Trains boosted trees on the same flowers, with the xgboost package and nothing of SageMaker's."""

from __future__ import annotations

import argparse
import os

import pandas as pd
import xgboost
from sklearn.model_selection import train_test_split
from train import SPLIT


def main() -> None:
    """Reads the channel, trains, measures, and saves the model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--num-round", type=int, default=20)
    parser.add_argument("--max-depth", type=int, default=3)
    parser.add_argument("--train-dir", default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    # Unlike train.py, it takes nothing that it does not know.
    told = parser.parse_args()

    table = pd.read_csv(os.path.join(told.train_dir, "iris.csv"))
    labels, names = pd.factorize(table.pop("Species"), sort=True)
    x_train, x_test, y_train, y_test = train_test_split(
        table.to_numpy(), labels, random_state=SPLIT
    )
    settings = {
        "objective": "multi:softprob",
        "num_class": len(names),
        "max_depth": told.max_depth,
        "seed": SPLIT,
    }
    booster = xgboost.train(settings, xgboost.DMatrix(x_train, y_train), told.num_round)
    predicted = booster.predict(xgboost.DMatrix(x_test)).argmax(axis=1)
    print(f"Accuracy={(predicted == y_test).mean():.4f}")
    booster.save_model(os.path.join(told.model_dir, "xgboost-model.json"))


if __name__ == "__main__":
    main()
