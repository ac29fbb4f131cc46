"""Serves the forest. What is not here, AWS's container does itself."""

from __future__ import annotations

import csv
import io
import os

import joblib
import numpy as np
from sklearn.ensemble import RandomForestRegressor


def model_fn(model_dir: str) -> RandomForestRegressor:
    """Once, when the container starts: the model."""
    return joblib.load(os.path.join(model_dir, "model.joblib"))


def input_fn(body: str, content_type: str) -> np.ndarray:
    """For each request: lines of twelve numbers, one line included."""
    if content_type != "text/csv":
        raise ValueError(f"Send text/csv, not {content_type}.")
    return np.array([row for row in csv.reader(io.StringIO(body)) if row], dtype=float)
