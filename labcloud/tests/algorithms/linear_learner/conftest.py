"""What the tests of linear learner share: tables with labels, and jobs in their own folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.datasets import load_iris

from labcloud.algorithms.linear_learner.definitions import LINEAR_LEARNER
from labcloud.algorithms.linear_learner.model import Model
from labcloud.algorithms.linear_learner.train import main
from labcloud.sagemaker.training.metrics import Metrics

from ..trained import Trained

Table = npt.NDArray[np.float64]
SLOPES = np.array([1.5, -2.0, 0.25])
INTERCEPT = 7.0


class Outcome(Trained):
    @property
    def model(self) -> Model:
        assert self.code == 0, self.log
        return Model.load(self.root / "model")

    @property
    def metrics(self) -> dict[str, float]:
        """What the platform finds in the log."""
        found = Metrics(LINEAR_LEARNER.metric_definitions)
        for line in self.log.splitlines():
            found.read(line)
        return {metric["MetricName"]: metric["Value"] for metric in found.final()}


Train = Callable[..., Outcome]


def csv(table: Table) -> bytes:
    """A table as lines of CSV, every number to its last digit."""
    return "".join(",".join(map(repr, row)) + "\n" for row in table.tolist()).encode()


@pytest.fixture
def train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Train:
    """Trains in this process: `train(hyperparameters, train=table or bytes, validation=…)`."""
    jobs = 0

    def run(
        hyperparameters: Mapping[str, str],
        content_type: str | None = "text/csv",
        config: Mapping[str, Any] | None = None,
        **channels: Table | bytes,
    ) -> Outcome:
        nonlocal jobs
        jobs += 1
        root = tmp_path / f"job-{jobs}"
        folder = root / "input" / "config"
        folder.mkdir(parents=True)
        for name, content in channels.items():
            path = root / "input" / "data" / name / "data"
            path.parent.mkdir(parents=True)
            path.write_bytes(content if isinstance(content, bytes) else csv(content))
        said = {"ContentType": content_type} if content_type else {}
        files = {
            "hyperparameters.json": hyperparameters,
            "inputdataconfig.json": {name: said for name in channels},
            **(config or {}),
        }
        for name, content in files.items():
            (folder / name).write_text(json.dumps(content))
        capsys.readouterr()
        code = main(root)
        return Outcome(code, capsys.readouterr().out, root)

    return run


@pytest.fixture(scope="session")
def line() -> Table:
    """200 rows of a linear function without noise: label, three features of different sizes."""
    features = np.random.default_rng(1).normal((5, 0, -300), (1, 10, 100), (200, 3))
    return np.column_stack([features @ SLOPES + INTERCEPT, features])


@pytest.fixture(scope="session")
def noisy(line: Table) -> Table:
    """The same rows with noise on the label."""
    table = line.copy()
    table[:, 0] += np.random.default_rng(2).normal(0, 5, len(table))
    return table


@pytest.fixture(scope="session")
def iris() -> Table:
    """Iris in an order by chance: class 0, 1 or 2, four features."""
    found = load_iris()
    table: Table = np.column_stack([found.target, found.data]).astype(np.float64)
    return np.random.default_rng(3).permutation(table)


@pytest.fixture(scope="session")
def virginica(iris: Table) -> Table:
    """The same rows: 1 for class 2, which overlaps with class 1, and 0 for the others."""
    table = iris.copy()
    table[:, 0] = table[:, 0] == 2
    return table


REGRESSOR = {"predictor_type": "regressor", "mini_batch_size": "50"}
BINARY = {"predictor_type": "binary_classifier", "mini_batch_size": "50"}
MULTICLASS = {
    "predictor_type": "multiclass_classifier",
    "num_classes": "3",
    "mini_batch_size": "50",
}


@pytest.fixture(scope="session")
def settings() -> dict[str, dict[str, str]]:
    """The least hyperparameters of each predictor type."""
    return {"regressor": REGRESSOR, "binary": BINARY, "multiclass": MULTICLASS}
