"""The log of a job in CloudWatch Logs: its new lines, and the metrics that XGBoost prints there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pandas as pd
from botocore.exceptions import ClientError

from labhelpers.checked import of_a_lab
from labhelpers.errors import LabError
from labhelpers.lab import Lab
from labhelpers.resources import ENDPOINT, ENDPOINT_CONFIGURATION

TRAINING_JOBS = "/aws/sagemaker/TrainingJobs"
TRANSFORM_JOBS = "/aws/sagemaker/TransformJobs"
PROCESSING_JOBS = "/aws/sagemaker/ProcessingJobs"
# How long a line of an endpoint may take to its log, and how often it is looked for (seconds).
_PATIENCE, _PAUSE = 60.0, 0.5
# A line of XGBoost about one boosting round. CloudWatch shows a tab as #011.
ROUND = re.compile(r"\[(\d+)\]((?:(?:#011|\t)[\w@.:-]+:-?[\w.+-]+)+)\s*$")


class JobLog:
    """The log of one job: one stream per instance, two of them for a transform job.

    `group` is TRAINING_JOBS, TRANSFORM_JOBS or PROCESSING_JOBS. `wanted` chooses streams
    by their names.
    """

    def __init__(
        self, lab: Lab, group: str, job: str, wanted: Callable[[str], bool] | None = None
    ) -> None:
        self._logs = lab.client("logs")
        self._group, self._job, self._wanted = group, job, wanted
        self._tokens: dict[str, str] = {}

    def new_lines(self) -> list[str]:
        """The lines since the last call, stream by stream. A job without a log has none."""
        return [line for stream in self._streams() for line in self._new_lines(stream)]

    def _streams(self) -> list[str]:
        pages = self._logs.get_paginator("describe_log_streams").paginate(
            logGroupName=self._group, logStreamNamePrefix=f"{self._job}/"
        )
        try:
            names = [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return []
            raise
        return [name for name in names if self._wanted is None or self._wanted(name)]

    def _new_lines(self, stream: str) -> list[str]:
        lines: list[str] = []
        while True:
            before = self._tokens.get(stream)
            place = {"nextToken": before} if before else {}
            page = self._logs.get_log_events(
                logGroupName=self._group, logStreamName=stream, startFromHead=True, **place
            )
            lines += [event["message"] for event in page["events"]]
            self._tokens[stream] = page["nextForwardToken"]
            if self._tokens[stream] == before or not page["events"]:
                return lines


@of_a_lab
def endpoint_lines(
    lab: Lab, endpoint: str, text: str, after: int = 0, before: int = 0
) -> list[str]:
    """The last line of an endpoint's log that contains a text, with lines `before` and `after` it.

    For an endpoint of one variant. A line comes to the log some time after it was printed: waits
    for the first one, up to a minute.
    """
    # An endpoint that is being created, or has failed, names no variant; its configuration does.
    configuration = ENDPOINT.describe(lab, endpoint)["EndpointConfigName"]
    variants = ENDPOINT_CONFIGURATION.describe(lab, configuration)["ProductionVariants"]
    (variant,) = (each["VariantName"] for each in variants)
    log = JobLog(lab, f"/aws/sagemaker/Endpoints/{endpoint}", variant)
    end = time.monotonic() + _PATIENCE
    lines: list[str] = []
    while True:
        lines += log.new_lines()
        places = [place for place, line in enumerate(lines) if text in line]
        if places or time.monotonic() > end:
            if not places:
                return []
            first = max(0, places[-1] - before)
            return lines[first : places[-1] + after + 1]
        time.sleep(_PAUSE)


@of_a_lab
def training_curve(lab: Lab, job: str) -> pd.DataFrame:
    """The metrics that XGBoost printed after each round, from the log of a training job.

    One row per round (the index, from 0), one column per metric: train-mlogloss,
    validation-mlogloss. Raises LabError if the log has no rounds.
    """
    rows: dict[int, dict[str, float]] = {}
    for line in JobLog(lab, TRAINING_JOBS, job).new_lines():
        if found := ROUND.search(line):
            pairs = [pair.rpartition(":") for pair in re.split(r"#011|\t", found[2])[1:]]
            rows[int(found[1])] = {name: float(value) for name, _, value in pairs}
    if not rows:
        raise LabError(
            f"The log of {job} shows no rounds. Has the job run, and was it XGBoost? The logs of "
            "labcloud do not survive its restart: run the training step again."
        )
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("round")
