"""Trains a random forest that tells the species of flowers: by hand, or as a SageMaker job."""

from __future__ import annotations

import argparse
import os

import joblib
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

# The same rows are held back in every run, so that two runs can be compared.
SPLIT = 28


def arguments() -> argparse.Namespace:
    """What this run was told, with a default for everything else."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    # Hyperparameters of the job.
    parser.add_argument("--target", default="Species")
    parser.add_argument("--n-estimators", type=int, default=10)
    parser.add_argument("--min-samples-leaf", type=int, default=3)
    parser.add_argument("--report", type=lambda text: text == "true", default=False)
    # Where things are. In a container, SageMaker's environment variables say it.
    parser.add_argument("--train-file", default="iris.csv")
    parser.add_argument("--train-dir", default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    known, _ = parser.parse_known_args()
    return known


def train(told: argparse.Namespace) -> None:
    """Reads the channel, trains, measures, and saves the model."""
    table = pd.read_csv(os.path.join(told.train_dir, told.train_file))
    if told.target not in table:
        raise ValueError(f"There is no column {told.target!r}, but {', '.join(table)}.")
    measures, species = table.drop(columns=told.target).to_numpy(), table[told.target].to_numpy()
    x_train, x_test, y_train, y_test = train_test_split(measures, species, random_state=SPLIT)

    forest = RandomForestClassifier(
        n_estimators=told.n_estimators, min_samples_leaf=told.min_samples_leaf, random_state=SPLIT
    )
    forest.fit(x_train, y_train)
    print(f"Trained on {len(y_train)} flowers: {forest}")
    print(f"Accuracy={forest.score(x_test, y_test):.4f}")
    if told.report:
        import report

        report.show(y_test, forest.predict(x_test))

    path = os.path.join(told.model_dir, "model.joblib")
    joblib.dump(forest, path)
    print(f"Saved {path}")


def model_fn(model_dir: str) -> RandomForestClassifier:
    """Loads what `train` has saved. The container that serves the model calls this."""
    return joblib.load(os.path.join(model_dir, "model.joblib"))


if __name__ == "__main__":
    train(arguments())
