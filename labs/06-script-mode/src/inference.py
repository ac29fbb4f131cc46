"""Serves the forest: the four functions that AWS's container calls, one after the other."""

from __future__ import annotations

import csv
import io
import json
import os
from typing import Any

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier

CSV, JSON = "text/csv", "application/json"


def model_fn(model_dir: str) -> RandomForestClassifier:
    """Once, when the container starts: the model."""
    return joblib.load(os.path.join(model_dir, "model.joblib"))


def input_fn(body: str, content_type: str) -> np.ndarray:
    """For each request: the body as rows of numbers, one row included."""
    if content_type == CSV:
        rows = [row for row in csv.reader(io.StringIO(body)) if row]
    elif content_type == JSON:
        rows = json.loads(body)
    else:
        raise ValueError(f"Send {CSV} or {JSON}, not {content_type}.")
    return np.array(rows, dtype=float)


def predict_fn(rows: np.ndarray, model: RandomForestClassifier) -> list[dict[str, Any]]:
    """The most probable species of each row, and how probable it is."""
    probabilities = model.predict_proba(rows)
    best = probabilities.argmax(axis=1)
    return [
        {
            "species": str(model.classes_[place]),
            "probability": round(float(probabilities[row, place]), 4),
        }
        for row, place in enumerate(best)
    ]


def output_fn(answers: list[dict[str, Any]], accept: str) -> tuple[str, str]:
    """The body of the answer, and what it is."""
    if accept == CSV:
        return "".join(f"{each['species']},{each['probability']}\n" for each in answers), CSV
    return json.dumps({"predictions": answers}), JSON
