"""What the tests of the built-in XGBoost share: the recordings, and jobs in their own folders."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from labcloud.algorithms.xgboost.train import main

from ..trained import Trained

GOLDEN = Path(__file__).parents[2] / "golden"
_METRICS = re.compile(r"\[(\d+)\]\t(.+)")


class Outcome(Trained):
    @property
    def models(self) -> list[str]:
        folder = self.root / "model"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    @property
    def metrics(self) -> list[dict[str, float]]:
        """One mapping a metric line, like the recordings'."""
        found = [_METRICS.fullmatch(line) for line in self.log.splitlines()]
        return [
            {"round": int(line[1])}
            | {
                name: float(value)
                for name, value in (cell.rsplit(":", 1) for cell in line[2].split("\t"))
            }
            for line in found
            if line
        ]


def write_job(
    root: Path,
    hyperparameters: Mapping[str, str],
    channels: Mapping[str, str | bytes | Mapping[str, str | bytes]],
    content_type: str | None = "text/csv",
    checkpoints: bool = False,
) -> None:
    """Lays out /opt/ml for a job; a channel is the content of one file, or of several by name."""
    config = root / "input" / "config"
    config.mkdir(parents=True)
    configured = {}
    for name, content in channels.items():
        files = content if isinstance(content, Mapping) else {"data": content}
        for file, text in files.items():
            path = root / "input" / "data" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        configured[name] = {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        }
        if content_type is not None:
            configured[name]["ContentType"] = content_type
    (config / "hyperparameters.json").write_text(json.dumps(dict(hyperparameters)))
    (config / "inputdataconfig.json").write_text(json.dumps(configured))
    (config / "resourceconfig.json").write_text(
        json.dumps({"current_host": "algo-1", "hosts": ["algo-1"]})
    )
    if checkpoints:
        (config / "checkpointconfig.json").write_text(
            json.dumps({"LocalPath": "/opt/ml/checkpoints"})
        )


@pytest.fixture(scope="session")
def recorded() -> dict[str, Any]:
    """The recording of training: its `files` by key, its `cases` by id."""
    content: dict[str, Any] = json.loads((GOLDEN / "xgboost-training.json").read_text())
    return {"files": content["files"], "cases": {case["id"]: case for case in content["cases"]}}


@pytest.fixture(scope="session")
def regression(recorded: dict[str, Any]) -> dict[str, str]:
    """The channels of the recorded regression."""
    channels = recorded["cases"]["regression"]["channels"]
    return {name: recorded["files"][key] for name, key in channels.items()}


@pytest.fixture(scope="session")
def binary(recorded: dict[str, Any]) -> dict[str, str]:
    """The channels of the recorded binary classification."""
    channels = recorded["cases"]["binary"]["channels"]
    return {name: recorded["files"][key] for name, key in channels.items()}


Train = Callable[..., Outcome]


@pytest.fixture
def layout() -> Callable[..., None]:
    """`write_job`, for tests that start the job themselves."""
    return write_job


@pytest.fixture
def train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Train:
    """Trains in this process: `train(hyperparameters, channels, content_type, checkpoints)`."""
    jobs = 0

    def run(*arguments: Any, root: Path | None = None, **options: Any) -> Outcome:
        nonlocal jobs
        if root is None:
            jobs += 1
            root = tmp_path / f"job-{jobs}"
            write_job(root, *arguments, **options)
        capsys.readouterr()
        code = main(root)
        return Outcome(code, capsys.readouterr().out, root)

    return run


@pytest.fixture(scope="session")
def trained(
    recorded: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """The /opt/ml of a recorded training case, trained once a session."""
    roots: dict[str, Path] = {}

    def of(case_id: str) -> Path:
        if case_id not in roots:
            case = recorded["cases"][case_id]
            root = tmp_path_factory.mktemp("trained") / case_id
            channels = {name: recorded["files"][key] for name, key in case["channels"].items()}
            write_job(root, case["hyperparameters"], channels, case["content_type"])
            assert main(root) == 0
            roots[case_id] = root
        return roots[case_id]

    return of
