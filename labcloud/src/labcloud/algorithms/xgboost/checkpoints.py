"""What training saves while it runs: checkpoints to resume from, and the model of the last round.

Follows "Managed Spot Training" of the developer guide: `xgboost-checkpoint.<round>`, the five most
recent kept. Copying /opt/ml/checkpoints to and from S3 is the platform's part.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xgboost as xgb
from xgboost.callback import TrainingCallback

from labcloud.algorithms.xgboost.logs import logger, say

KEPT = 5
_NAME = re.compile(r"xgboost-checkpoint\.(\d+)")
_PARTIAL = ".sagemaker-ignore"


def save(booster: Any, path: Path) -> None:
    """Writes a model as UBJSON; the file is whole at any moment that it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=path.parent, suffix=_PARTIAL)
    with os.fdopen(descriptor, "wb") as file:
        file.write(booster.save_raw("ubj"))
    # mkstemp made it private; a model is as readable as any other output.
    os.chmod(partial, 0o644)
    os.replace(partial, path)


def latest(folder: Path | None) -> tuple[Path | None, int]:
    """The most recent checkpoint that can be read, and the round to go on with (0 without one)."""
    if folder is None or not folder.is_dir():
        return None, 0
    for number, path in sorted(_checkpoints(folder), reverse=True):
        try:
            xgb.Booster(model_file=str(path))
        except xgb.core.XGBoostError:
            logger.warning("Checkpoint %s cannot be read; trying the one before.", path.name)
            continue
        logger.info("Checkpoint loaded from /opt/ml/checkpoints/%s", path.name)
        logger.info("Resuming from iteration %s", number + 1)
        return path, number + 1
    return None, 0


class Checkpoints(TrainingCallback):
    """Saves a checkpoint after each round, and removes all but the most recent."""

    def __init__(self, folder: Path, start: int) -> None:
        self._folder = folder
        self._start = start

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        save(model, self._folder / f"xgboost-checkpoint.{self._start + epoch}")
        for _, path in sorted(_checkpoints(self._folder))[:-KEPT]:
            path.unlink(missing_ok=True)
        return False


class LastModel(TrainingCallback):
    """Saves the model after each round, so that a job that is stopped has one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        save(model, self._path)
        return False


class Monitor(TrainingCallback):
    """Prints a line of metrics after each round, counted from the job's first start."""

    def __init__(self, start: int) -> None:
        self._start = start

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        values = (
            f"\t{data}-{name}:{history[-1]:.5f}"
            for data, metrics in evals_log.items()
            for name, history in metrics.items()
        )
        say(f"[{self._start + epoch}]{''.join(values)}")
        return False


class InOrder(TrainingCallback):
    """Calls callbacks in the order given, all of them each round.

    xgboost keeps callbacks in a set, and after one that stops it calls no other: the last round
    would be printed and saved or not, as memory addresses have it.
    """

    def __init__(self, callbacks: Sequence[TrainingCallback]) -> None:
        self._callbacks = callbacks

    def before_training(self, model: Any) -> Any:
        for callback in self._callbacks:
            model = callback.before_training(model)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        return any([each.after_iteration(model, epoch, evals_log) for each in self._callbacks])

    def after_training(self, model: Any) -> Any:
        for callback in self._callbacks:
            model = callback.after_training(model)
        return model


def remove_partial(folder: Path) -> None:
    """Removes what a save that was interrupted has left in a folder."""
    for path in folder.glob(f"*{_PARTIAL}"):
        path.unlink(missing_ok=True)


def _checkpoints(folder: Path) -> list[tuple[int, Path]]:
    names = ((_NAME.fullmatch(path.name), path) for path in folder.iterdir())
    return [(int(match[1]), path) for match, path in names if match]
