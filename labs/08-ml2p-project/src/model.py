"""The Boston model as ml2p wants it: one class each to make the dataset, to train, and to predict.

ml2p calls them in the image, and LocalEnv on a laptop. `env` says where the folders are.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from ml2p.core import Model, ModelDatasetGenerator, ModelPredictor, ModelTrainer
from sklearn.model_selection import train_test_split

FEATURES = [
    "CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "LSTAT",
]  # fmt: skip
LABEL = "MEDV"
# Below s3folder, beside ml2p's own models/ and datasets/: the houses as they were published.
RAW = "raw/houses.csv"
# The split and the settings of lab 04a, so that the model is the same.
TRAIN, VALIDATION, SEED = 4 / 9, 2 / 5, 42
SETTINGS = {
    "objective": "reg:squarederror",
    "max_depth": 5,
    "eta": 0.2,
    "gamma": 4,
    "min_child_weight": 6,
    "subsample": 0.8,
    "eval_metric": "rmse",
    # More threads gain nothing with 224 rows.
    "nthread": 1,
}
ROUNDS, PATIENCE = 200, 10
MODEL = "boston.json"


class OwnLines:
    """ml2p would let every library log at INFO, in a notebook too. Ours print what counts."""

    def setup_logging(self) -> None:
        """Takes the place of ml2p's."""


class BostonGenerator(OwnLines, ModelDatasetGenerator):
    """Makes train.csv and validation.csv of the raw table in S3."""

    def generate(self) -> None:
        """Leaves column B out (lab 04a says why), splits, and uploads the two files."""
        where = {"Bucket": self.env.s3.bucket(), "Key": self.env.s3.path(RAW)}
        raw = self.s3_client.get_object(**where)["Body"].read()
        houses = pd.read_csv(io.BytesIO(raw)).drop(columns="B")
        train, rest = train_test_split(houses, train_size=TRAIN, random_state=SEED)
        validation, _ = train_test_split(rest, train_size=VALIDATION, random_state=SEED)
        with tempfile.TemporaryDirectory() as folder:
            for name, rows in (("train", train), ("validation", validation)):
                path = Path(folder) / f"{name}.csv"
                rows.to_csv(path, index=False)
                self.upload_to_s3(path)
                print(f"{name}.csv: {len(rows)} rows")


class BostonTrainer(OwnLines, ModelTrainer):
    """Trains on train.csv, and stops early by validation.csv."""

    def train(self) -> None:
        """Writes the trees up to the best round into the model folder."""
        folder = self.env.dataset_folder()
        names = ("train", "validation")
        parts = {name: pd.read_csv(folder / f"{name}.csv") for name in names}
        matrices = {
            name: xgboost.DMatrix(rows[FEATURES].to_numpy(), rows[LABEL])
            for name, rows in parts.items()
        }
        booster = xgboost.train(
            SETTINGS,
            matrices["train"],
            ROUNDS,
            evals=[(matrix, name) for name, matrix in matrices.items()],
            early_stopping_rounds=PATIENCE,
            verbose_eval=False,
        )
        best = booster[: booster.best_iteration + 1]
        # XGBoost's own format. A pickle, or joblib, would run code that is in it when it is loaded.
        best.save_model(self.env.model_folder() / MODEL)
        print(f"Best round: {booster.best_iteration} of {booster.num_boosted_rounds()}")
        print(f"RMSE of validation: {booster.best_score:.3f} thousand dollars")


class BostonPredictor(OwnLines, ModelPredictor):
    """Predicts the price of one house, in thousands of dollars."""

    def setup(self) -> None:
        """Loads the model, once, when the server starts."""
        self.booster = xgboost.Booster(model_file=self.env.model_folder() / MODEL)

    def result(self, data: dict[str, Any]) -> dict[str, float]:
        """The price of a house that is given as {"CRIM": 0.1, …, "district": "Chelsea"}.

        Believes everything that it is sent. checked.py does not.
        """
        print(f"District: {data.get('district')}", flush=True)
        features = np.array([[float(data[name]) for name in FEATURES]])
        price = float(self.booster.predict(xgboost.DMatrix(features))[0])
        return {LABEL: round(price, 3)}


class BostonModel(Model):
    """What ml2p.yml names: the three classes above."""

    DATASET_GENERATOR = BostonGenerator
    TRAINER = BostonTrainer
    PREDICTOR = BostonPredictor
