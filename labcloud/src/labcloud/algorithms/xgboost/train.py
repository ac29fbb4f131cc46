"""Training as AWS's container starts it: reads /opt/ml/input, trains, writes /opt/ml/model.

Orchestrates only: hyperparameters, channels, data and boosting each have their own module.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

import xgboost as xgb

from labcloud.algorithms.training import (
    as_in_the_container,
    more_than_one_host,
    read_json,
    write_failure,
)
from labcloud.algorithms.xgboost import (
    boosting,
    channels,
    checkpoints,
    content_types,
    data,
    hyperparameters,
)
from labcloud.algorithms.xgboost.errors import (
    AlgorithmError,
    TrainingError,
    UserError,
    failure_text,
)
from labcloud.algorithms.xgboost.logs import logger, on_stdout
from labcloud.algorithms.xgboost.versions import Version


def main(root: Path) -> int:
    """Runs the training job whose /opt/ml is `root`; returns its exit code, 0 or 1.

    A failure is written to output/failure and to the log. On SIGTERM a job with
    save_model_on_termination=true exits 0 with the model of its last round.
    """
    before = _sigterm_handler()
    with on_stdout():
        logger.info("Running XGBoost Sagemaker in algorithm mode (xgboost %s)", xgb.__version__)
        try:
            _train(root)
        except Exception as error:
            text = as_in_the_container(failure_text(error), root)
            # Its own errors say what is wrong; for others a maintainer needs to know where.
            where = "" if isinstance(error, TrainingError) else f"\n{traceback.format_exc()}"
            logger.error("Reporting training FAILURE")
            logger.error("%s%s", text, where)
            write_failure(root, text)
            return 1
        finally:
            if before is not None:
                signal.signal(signal.SIGTERM, before)
    return 0


def _train(root: Path) -> None:
    config = root / "input" / "config"
    version = Version.of(os.environ)
    if version.image and version.number[:2] != _installed():
        logger.info("labcloud runs the image %s with xgboost %s.", version.image, xgb.__version__)
    given = read_json(config / "hyperparameters.json")
    if version.takes_silent and given.get("silent") in ("0", "1"):
        del given["silent"]
    params = hyperparameters.validate(given)
    if version.slices_linear and params.get("objective") == "reg:linear":
        # The same, under the name whose models xgboost can cut today.
        params["objective"] = "reg:squarederror"
    if "updater" in params:
        params["updater"] = ",".join(params["updater"])
    found = channels.validate(read_json(config / "inputdataconfig.json"))
    logger.info("Determined 0 GPU(s) available on the instance.")
    if params.get("use_dask_gpu_training") == "true":
        raise UserError(
            "Some configurations unsuitable for Dask GPU training were found: this instance has no "
            "GPU. Unset use_dask_gpu_training."
        )
    if found[channels.TRAIN].get("TrainingInputMode") == "Pipe":
        raise UserError("Pipe mode is no longer supported. Use File or FastFile input mode.")
    if problem := more_than_one_host(config, "XGBoost"):
        raise AlgorithmError(problem)
    params.setdefault("nthread", _threads())
    job = _job(root, params, found, version)
    if params.get("save_model_on_termination") == "true":
        _stop_with_model(job.model)
    job.run()


def _installed() -> tuple[int, int]:
    major, minor, *_ = xgb.__version__.split(".")
    return int(major), int(minor)


def _job(
    root: Path, params: dict[str, Any], found: dict[str, dict[str, Any]], version: Version
) -> boosting.Job:
    """Loads the channels. Raises UserError where one holds no data, or other data than it says."""
    train = data.Channel(root, channels.TRAIN)
    validation = data.Channel(root, channels.VALIDATION) if channels.VALIDATION in found else None
    given = [channel for channel in (train, validation) if channel]
    for channel, what in zip(given, ("training", "validation"), strict=False):
        if validation and not channel.path.exists():
            raise UserError(f"{what} data's path is not existed")
        if channel.size() == 0:
            raise UserError(f"No data in {what} channel path {channel.shown}")
    if validation:
        data.warn_of_duplicates(train, validation)

    format_ = content_types.parse(found[channels.TRAIN]["ContentType"])
    options = (format_, params.get("csv_weights") == 1, params["nthread"])
    matrices = [data.load([channel], *options) for channel in given]
    both = data.load(given, *options) if "_kfold" in params else None
    logger.info("Single node training.")
    logger.info(
        "Train matrix has %s rows and %s columns", matrices[0].num_row(), matrices[0].num_col()
    )
    if validation:
        logger.info("Validation matrix has %s rows", matrices[1].num_row())
    return boosting.Job(
        params=params,
        train=matrices[0],
        validation=matrices[1] if validation else None,
        both=both,
        model=root / "model",
        output_data=root / "output" / "data",
        checkpoints=_checkpoints(root),
        version=version,
    )


def _checkpoints(root: Path) -> Path | None:
    """The folder for checkpoints, where the job has a checkpoint configuration."""
    config = root / "input" / "config" / "checkpointconfig.json"
    if not config.exists():
        return None
    ml = "/opt/ml/"
    path = read_json(config).get("LocalPath") or f"{ml}checkpoints"
    if not path.startswith("/") or ".." in Path(path).parts:
        raise UserError(f"CheckpointConfig: LocalPath {path} is no folder of the container")
    # The platform keeps there what lies elsewhere in a container.
    return root / (path.removeprefix(ml) if path.startswith(ml) else "checkpoints")


def _threads() -> int:
    """All cores, or the share of them that the platform has set."""
    share = os.environ.get("OMP_NUM_THREADS", "")
    return int(share) if share.isdecimal() and int(share) else os.cpu_count() or 1


def _sigterm_handler() -> Any:
    """The handler to put back in the end; None where this thread cannot set one."""
    if threading.current_thread() is not threading.main_thread():
        return None
    return signal.getsignal(signal.SIGTERM)


def _stop_with_model(model: Path) -> None:
    """From now on SIGTERM ends the process with the model that was last saved, exit code 0."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        checkpoints.remove_partial(model)
        logger.info("Stopped with the model of the last round.")
        sys.stdout.flush()
        # No clean-up of Python's: the main thread may be inside xgboost.
        os._exit(0)

    if threading.current_thread() is threading.main_thread():
        model.mkdir(parents=True, exist_ok=True)
        signal.signal(signal.SIGTERM, stop)
