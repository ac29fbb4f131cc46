"""An /opt/ml with the iris flowers, and one with a model that is trained on them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .programs import CONTAINER, train

# The files of the local test: 120 flowers, and max_leaf_nodes 5.
LOCAL_TEST = CONTAINER / "local_test"


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The local test's input, with the data that it makes for itself."""
    folder = tmp_path_factory.mktemp("local_test")
    config = Path("test_dir", "input", "config")
    shutil.copytree(LOCAL_TEST / config, folder / config)
    subprocess.run([sys.executable, LOCAL_TEST / "make_data.py", folder], check=True)
    return folder / "test_dir" / "input"


@pytest.fixture
def ml(tmp_path: Path, inputs: Path) -> Path:
    """What `train` finds at /opt/ml."""
    folder = tmp_path / "ml"
    shutil.copytree(inputs, folder / "input")
    return folder


@pytest.fixture
def hyperparameters(ml: Path) -> Callable[..., None]:
    """Sets the hyperparameters of the next `train`, as SageMaker does: all are strings."""

    def write(**values: str) -> None:
        path = ml / "input" / "config" / "hyperparameters.json"
        path.write_text(json.dumps(values))

    return write


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, inputs: Path) -> Path:
    """An /opt/ml that holds a model. For reading only."""
    folder = tmp_path_factory.mktemp("trained") / "ml"
    shutil.copytree(inputs, folder / "input")
    done = train(folder)
    assert done.returncode == 0, done.stderr
    return folder
