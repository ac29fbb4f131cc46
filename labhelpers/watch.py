"""Shows long work as it goes: a training job with its own log, an endpoint until it answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
from botocore.exceptions import ClientError

from labhelpers.connect import Lab
from labhelpers.errors import JobFailed, LabError

_LOG_GROUP = "/aws/sagemaker/TrainingJobs"
# labcloud answers a Describe when something changes; AWS answers at once and wants no hurry.
_PAUSE_AWS = 5.0
_ROUND = re.compile(r"\[(\d+)\]((?:(?:#011|\t)[\w@.:-]+:-?[\w.+-]+)+)\s*$")
_ENDED = ("Completed", "Failed", "Stopped")


def watch(lab: Lab, what: Any, *, logs: bool = True) -> str:
    """Follows a ModelTrainer, TrainingJob or Endpoint (or a training job's name) to its end.

    Prints each status as AWS reports it, and the training job's log lines. Returns the name of
    the job or endpoint. Raises JobFailed with AWS's reason.
    """
    # SDK v3 keeps the job that train(wait=False) started under this name, and has no other way.
    what = getattr(what, "_latest_training_job", what)
    if hasattr(what, "endpoint_name"):
        return _watch_endpoint(lab, what.endpoint_name)
    name = what if isinstance(what, str) else getattr(what, "training_job_name", None)
    if not isinstance(name, str):
        raise LabError(
            "watch takes a trainer whose train(wait=False) has been called, a training job, its "
            f"name, or an endpoint; this is {type(what).__name__}"
        )
    return _watch_training(lab, name, logs)


def _watch_training(lab: Lab, name: str, logs: bool) -> str:
    sagemaker = lab.client("sagemaker")
    log = _Log(lab, name) if logs else None
    shown = 0
    status = ""
    print(f"Training job {name}", flush=True)
    while True:
        job = _described(lab, "training job", name, sagemaker.describe_training_job)
        for transition in job.get("SecondaryStatusTransitions", [])[shown:]:
            # The log belongs to Training: all of it is shown before what comes next.
            if log and status == "Training":
                log.show()
            status = transition["Status"]
            print(status, flush=True)
            shown += 1
        if log and status == "Training":
            log.show()
        if job["TrainingJobStatus"] in _ENDED:
            break
        if not lab.is_local:
            time.sleep(_PAUSE_AWS)
    if job["TrainingJobStatus"] == "Failed":
        raise JobFailed(f"{name} failed: {job.get('FailureReason', 'AWS gives no reason')}")
    print(f"Billable seconds: {job.get('BillableTimeInSeconds', 0)}")
    return name


def _watch_endpoint(lab: Lab, name: str) -> str:
    sagemaker = lab.client("sagemaker")
    print(f"Endpoint {name}", flush=True)
    before = None
    while True:
        endpoint = _described(lab, "endpoint", name, sagemaker.describe_endpoint)
        status = endpoint["EndpointStatus"]
        if status != before:
            # An endpoint can be up before the first look; it was being created all the same.
            if before is None and status == "InService":
                print("Creating", flush=True)
            print(status, flush=True)
            before = status
        if status == "Failed":
            raise JobFailed(f"{name} failed: {endpoint.get('FailureReason', 'no reason given')}")
        if status == "InService":
            return name
        if not lab.is_local:
            time.sleep(_PAUSE_AWS)


def _described(lab: Lab, kind: str, name: str, describe: Callable[..., Any]) -> dict[str, Any]:
    field = "TrainingJobName" if kind == "training job" else "EndpointName"
    try:
        found: dict[str, Any] = describe(**{field: name})
    except ClientError as error:
        said = error.response["Error"]["Message"]
        raise LabError(f"The {kind} {name} cannot be watched in {lab.region}: {said}") from error
    return found


class _Log:
    """The log of a one-instance job, shown from where it was left."""

    def __init__(self, lab: Lab, job: str) -> None:
        self._logs = lab.client("logs")
        self._job = job
        self._stream: str | None = None
        self._token: str | None = None

    def show(self) -> None:
        for line in self.new_lines():
            print(f"    {line.replace('#011', '  ')}", flush=True)

    def new_lines(self) -> list[str]:
        """Lines that were not read before."""
        if self._stream is None:
            self._stream = self._find()
        if self._stream is None:
            return []
        lines: list[str] = []
        while True:
            place = {"nextToken": self._token} if self._token else {}
            page = self._logs.get_log_events(
                logGroupName=_LOG_GROUP, logStreamName=self._stream, startFromHead=True, **place
            )
            lines += [event["message"] for event in page["events"]]
            done = page["nextForwardToken"] == self._token or not page["events"]
            self._token = page["nextForwardToken"]
            if done:
                return lines

    def _find(self) -> str | None:
        try:
            streams = self._logs.describe_log_streams(
                logGroupName=_LOG_GROUP, logStreamNamePrefix=f"{self._job}/"
            )["logStreams"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        return str(streams[0]["logStreamName"]) if streams else None


def training_curve(lab: Lab, job: str) -> pd.DataFrame:
    """The metrics that XGBoost printed after each round, from the job's log.

    One row a round (the index, from 0), one column a metric: train-mlogloss, validation-mlogloss.
    Raises LabError where the log has none.
    """
    rows: dict[int, dict[str, float]] = {}
    for line in _Log(lab, job).new_lines():
        if found := _ROUND.search(line):
            pairs = re.split(r"#011|\t", found[2])[1:]
            rows[int(found[1])] = {
                name: float(value) for name, _, value in (pair.rpartition(":") for pair in pairs)
            }
    if not rows:
        raise LabError(
            f"The log of {job} shows no rounds. Has the job run, and was it XGBoost? The logs of "
            "labcloud do not survive its restart: run the training step again."
        )
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("round")
