"""Jobs that are interrupted resume from a checkpoint, or leave the model of their last round."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import xgboost as xgb

HYPERPARAMETERS = {"objective": "reg:squarederror", "num_round": "12", "max_depth": "3"}
START = "import sys, pathlib; from labcloud.algorithms.xgboost.train import main; "
START += "sys.exit(main(pathlib.Path(sys.argv[1])))"


def rounds(path: Path) -> int:
    return int(xgb.Booster(model_file=str(path)).num_boosted_rounds())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_five_most_recent_are_kept(train: Any, regression: dict[str, str]) -> None:
    outcome = train(HYPERPARAMETERS, regression, checkpoints=True)
    kept = {f"xgboost-checkpoint.{number}" for number in range(7, 12)}
    assert set(names(outcome.root / "checkpoints")) == kept


def test_without_a_configuration_there_are_none(train: Any, regression: dict[str, str]) -> None:
    outcome = train(HYPERPARAMETERS, regression)
    assert not (outcome.root / "checkpoints").exists()


def test_a_job_goes_on_where_the_last_one_ended(train: Any, regression: dict[str, str]) -> None:
    whole = train(HYPERPARAMETERS, regression)
    first = train(HYPERPARAMETERS | {"num_round": "8"}, regression, checkpoints=True)
    config = first.root / "input" / "config" / "hyperparameters.json"
    config.write_text(config.read_text().replace('"8"', '"12"'))
    # The most recent is damaged: the one before it counts.
    (first.root / "checkpoints" / "xgboost-checkpoint.7").write_bytes(b"{")

    resumed = train(root=first.root)
    assert resumed.code == 0, resumed.failure
    assert "Resuming from iteration 7" in resumed.log
    assert [line["round"] for line in resumed.metrics] == [7, 8, 9, 10, 11]
    assert resumed.metrics == whole.metrics[7:]
    assert rounds(resumed.root / "model" / "xgboost-model") == 12


def test_folds_have_their_own(train: Any, regression: dict[str, str]) -> None:
    outcome = train(HYPERPARAMETERS | {"_kfold": "2"}, regression, checkpoints=True)
    folder = outcome.root / "checkpoints"
    assert names(folder) == ["model-0", "model-1"]
    assert "xgboost-checkpoint.11" in names(folder / "model-1")


@pytest.mark.parametrize(
    ("path", "folder"),
    [("/opt/ml/my/own", "my/own"), ("/tmp/elsewhere", "checkpoints"), ("/opt/mlx", "checkpoints")],
)
def test_they_are_where_the_configuration_says(
    train: Any, layout: Any, regression: dict[str, str], tmp_path: Path, path: str, folder: str
) -> None:
    layout(tmp_path / "job", HYPERPARAMETERS, regression, checkpoints=True)
    config = tmp_path / "job" / "input" / "config" / "checkpointconfig.json"
    config.write_text(f'{{"LocalPath": "{path}"}}')
    assert train(root=tmp_path / "job").code == 0
    assert "xgboost-checkpoint.11" in names(tmp_path / "job" / folder)


@pytest.mark.parametrize("path", ["elsewhere", "/opt/ml/../../etc"])
def test_a_folder_outside_the_container_s_is_refused(
    train: Any, layout: Any, tmp_path: Path, path: str
) -> None:
    layout(tmp_path / "job", HYPERPARAMETERS, {"train": "1,2\n3,4\n"}, checkpoints=True)
    config = tmp_path / "job" / "input" / "config" / "checkpointconfig.json"
    config.write_text(f'{{"LocalPath": "{path}"}}')
    assert "is no folder of the container" in train(root=tmp_path / "job").failure


def interrupt(root: Path) -> int:
    """Starts the job, sends it SIGTERM in its fourth round; its exit code."""
    with subprocess.Popen(
        [sys.executable, "-c", START, str(root)], stdout=subprocess.PIPE, text=True
    ) as job:
        assert job.stdout is not None
        for line in job.stdout:
            if line.startswith("[3]\t"):
                os.kill(job.pid, signal.SIGTERM)
                break
        job.stdout.read()
        return job.wait(timeout=60)


def test_sigterm_leaves_the_model_of_the_last_round(
    layout: Any, tmp_path: Path, regression: dict[str, str]
) -> None:
    layout(
        tmp_path / "job",
        HYPERPARAMETERS | {"num_round": "1000000", "save_model_on_termination": "true"},
        regression,
    )
    assert interrupt(tmp_path / "job") == 0
    assert names(tmp_path / "job" / "model") == ["xgboost-model"]
    assert rounds(tmp_path / "job" / "model" / "xgboost-model") >= 3
    assert not (tmp_path / "job" / "output" / "failure").exists()


def test_sigterm_without_the_hyperparameter_leaves_nothing(
    layout: Any, tmp_path: Path, regression: dict[str, str]
) -> None:
    layout(tmp_path / "job", HYPERPARAMETERS | {"num_round": "1000000"}, regression)
    assert interrupt(tmp_path / "job") == -signal.SIGTERM
    assert not (tmp_path / "job" / "model").exists()
