"""Training as AWS's container starts it: reads /opt/ml/input, trains, writes /opt/ml/model.

Orchestrates only: hyperparameters, data, fit and metrics each have their own module.
"""

from __future__ import annotations

import time
import traceback
from pathlib import Path
from typing import Any

import sklearn

from labcloud.algorithms.linear_learner import data, fitting, hyperparameters, metrics, thresholds
from labcloud.algorithms.linear_learner.data import TEST, TRAIN, VALIDATION, Rows
from labcloud.algorithms.linear_learner.errors import ClientError
from labcloud.algorithms.linear_learner.logs import logger, on_stdout
from labcloud.algorithms.linear_learner.model import Model
from labcloud.algorithms.training import (
    as_in_the_container,
    more_than_one_host,
    read_json,
    write_failure,
)


def main(root: Path) -> int:
    """Runs the training job whose /opt/ml is `root`; returns its exit code, 0 or 1.

    A failure is written to output/failure and to the log.
    """
    with on_stdout():
        logger.info(
            "labcloud's stand-in for linear-learner (scikit-learn %s). AWS's own is closed: its "
            "models are close to this one, not the same.", sklearn.__version__,
        )  # fmt: skip
        try:
            _train(root)
        except Exception as error:
            text = as_in_the_container(str(error), root)
            if isinstance(error, ClientError):
                logger.error("Customer Error: %s", text)
                text = f"ClientError: {text}"
            else:
                logger.error("%s: %s\n%s", type(error).__name__, text, traceback.format_exc())
                text = f"{type(error).__name__}: {text}"
            write_failure(root, text)
            return 1
    return 0


def _train(root: Path) -> None:
    config = root / "input" / "config"
    given = read_json(config / "hyperparameters.json")
    logger.info("Reading provided configuration from %s: %s", "hyperparameters.json", given)
    params = hyperparameters.validate(given)
    unused = [row.name for row in hyperparameters.WITHOUT_EFFECT if row.name in given]
    if unused:
        logger.warning("Without effect here, scikit-learn fits the model: %s", ", ".join(unused))
    channels = read_json(config / "inputdataconfig.json")
    data.validate(channels)
    _check_platform(config, channels)
    found = {name: data.load(root, name, channel, params) for name, channel in channels.items()}
    for name, rows in found.items():
        if rows.width != found[TRAIN].width:
            raise ClientError(
                f"The feature dimension of the channel '{name}': {rows.width} does not match that "
                f"of the channel '{TRAIN}': {found[TRAIN].width}."
            )
    model = _fitted(found, params)
    _report(model, found, params)
    model.save(root / "model")


def _fitted(found: dict[str, Rows], params: dict[str, Any]) -> Model:
    rows = found[TRAIN]
    begun = time.monotonic()
    model = fitting.fit(rows, params)
    seconds = max(time.monotonic() - begun, 1e-9)
    if params["predictor_type"] == hyperparameters.BINARY:
        known = found.get(VALIDATION, rows)
        if params["num_calibration_samples"] != "auto":
            known = known.first(params["num_calibration_samples"])
        threshold = thresholds.choose(model.scores(known.features), known.labels, params)
        model = Model(model.predictor_type, model.loss, model.weights, model.bias, threshold)
    # There are no epochs to report one by one: the one that there is, is the last.
    for name in (TRAIN, VALIDATION):
        if name in found:
            metric, value = metrics.objective(model, found[name], params)
            logger.info(
                "#quality_metric: host=algo-1, epoch=0, %s %s <loss>=%r", name, metric, value
            )
    logger.info("#progress_metric: host=algo-1, completed 100 % of epochs")
    logger.info(
        "#throughput_metric: host=algo-1, train throughput=%r records/second", len(rows) / seconds
    )
    return model


def _report(model: Model, found: dict[str, Rows], params: dict[str, Any]) -> None:
    """The scores of the final model: on the validation data, or else on the training data."""
    for name in (VALIDATION if VALIDATION in found else TRAIN, TEST):
        if name not in found:
            logger.info("Test data is not provided.")
            continue
        scores = metrics.evaluate(model, found[name], params)
        for metric, value in scores.items():
            logger.info("#%s_score (algo-1) : %s", name, (metric, value))
        for metric, value in scores.items():
            kind = metrics.kind(metric)
            logger.info("#quality_metric: host=algo-1, %s %s <%s>=%r", name, metric, kind, value)


def _check_platform(config: Path, channels: dict[str, Any]) -> None:
    """Refuses what this machine cannot do, though AWS can."""
    if problem := more_than_one_host(config, "linear-learner"):
        raise ClientError(problem)
    if any(channel.get("TrainingInputMode") == "Pipe" for channel in channels.values()):
        raise ClientError(
            "labcloud's linear-learner reads no pipes. Use File or FastFile input mode."
        )
