"""Shows long work as it goes: a job with its own log, an endpoint until it answers."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
from botocore.exceptions import ClientError

from labhelpers.connect import Lab
from labhelpers.errors import JobFailed, LabError
from labhelpers.logs import TRAINING_JOBS, TRANSFORM_JOBS, JobLog
from labhelpers.watch_tuning import watch_tuning

# labcloud answers a Describe when something changes; AWS answers at once and wants no hurry.
_PAUSE_AWS = 5.0
_ROUND = re.compile(r"\[(\d+)\]((?:(?:#011|\t)[\w@.:-]+:-?[\w.+-]+)+)\s*$")
_ENDED = ("Completed", "Failed", "Stopped")
_FIELDS = {
    "training job": "TrainingJobName",
    "transform job": "TransformJobName",
    "tuning job": "HyperParameterTuningJobName",
    "endpoint": "EndpointName",
}


def watch(lab: Lab, what: Any, *, logs: bool = True, every: int = 1) -> str:
    """Follows a job or an endpoint to its end: the SDK's objects for them, and what starts them.

    A training job's name will do, too. Prints each status as AWS reports it, and the job's log
    lines; of the boosting rounds only each `every`-th; of a tuning job, the result of each of its
    training jobs. Returns the name of the job or endpoint. Raises JobFailed with AWS's reason.
    """
    # SDK v3 keeps the job that it started with wait=False under these names.
    for latest in ("_latest_training_job", "latest_transform_job", "latest_tuning_job"):
        what = getattr(what, latest, what)
    if hasattr(what, "endpoint_name"):
        return _watch_endpoint(lab, what.endpoint_name)
    if isinstance(tuning := getattr(what, "hyper_parameter_tuning_job_name", None), str):
        describe = lab.client("sagemaker").describe_hyper_parameter_tuning_job
        return watch_tuning(
            lab, tuning, lambda: _described(lab, "tuning job", tuning, describe), _PAUSE_AWS
        )
    if isinstance(transform := getattr(what, "transform_job_name", None), str):
        return _watch_transform(lab, transform, logs)
    name = what if isinstance(what, str) else getattr(what, "training_job_name", None)
    if not isinstance(name, str):
        raise LabError(
            "watch takes a trainer whose train(wait=False) has been called, a transformer whose "
            "transform(wait=False) has, a tuner whose tune(wait=False) has, a training, transform "
            "or tuning job, a training job's name, or an endpoint; this is "
            f"{type(what).__name__}"
        )
    return _watch_training(lab, name, logs, every)


def _watch_training(lab: Lab, name: str, logs: bool, every: int) -> str:
    sagemaker = lab.client("sagemaker")
    log = JobLog(lab, TRAINING_JOBS, name) if logs else None
    shown = 0
    status = ""
    print(f"Training job {name}", flush=True)
    while True:
        job = _described(lab, "training job", name, sagemaker.describe_training_job)
        for transition in job.get("SecondaryStatusTransitions", [])[shown:]:
            # The log belongs to Training: all of it is shown before what comes next.
            if log and status == "Training":
                _show(log, every)
            status = transition["Status"]
            print(status, flush=True)
            shown += 1
        if log and status == "Training":
            _show(log, every)
        if job["TrainingJobStatus"] in _ENDED:
            break
        if not lab.is_local:
            time.sleep(_PAUSE_AWS)
    if job["TrainingJobStatus"] == "Failed":
        raise JobFailed(f"{name} failed: {job.get('FailureReason', 'AWS gives no reason')}")
    print(f"Billable seconds: {job.get('BillableTimeInSeconds', 0)}")
    return name


def _watch_transform(lab: Lab, name: str, logs: bool) -> str:
    sagemaker = lab.client("sagemaker")
    # What became of the objects. What the container itself prints matters when it fails.
    log = JobLog(lab, TRANSFORM_JOBS, name, lambda stream: stream.endswith("/data-log"))
    print(f"Transform job {name}", flush=True)
    before = ""
    while True:
        job = _described(lab, "transform job", name, sagemaker.describe_transform_job)
        status = job["TransformJobStatus"]
        if before == "":
            # A job can have ended before the first look; it was in progress all the same.
            print("InProgress", flush=True)
            before = "InProgress"
        if status in _ENDED and not lab.is_local:
            # On AWS the last lines of a log come a little after the end.
            time.sleep(_PAUSE_AWS)
        if logs:
            _show(log)
        if status in _ENDED:
            break
        if status != before:
            print(status, flush=True)
            before = status
        if not lab.is_local:
            time.sleep(_PAUSE_AWS)
    if status == "Failed" and logs:
        print("The container's own log:", flush=True)
        _show(JobLog(lab, TRANSFORM_JOBS, name, lambda stream: not stream.endswith("/data-log")))
    print(status, flush=True)
    if status == "Failed":
        raise JobFailed(f"{name} failed: {job.get('FailureReason', 'AWS gives no reason')}")
    print(f"Billable seconds: {_billable(job)}")
    return name


def _billable(job: dict[str, Any]) -> int:
    """From the start of the machines to their end, of each of them. 0 if they never started."""
    if "TransformStartTime" not in job:
        return 0
    worked: timedelta = job["TransformEndTime"] - job["TransformStartTime"]
    instances: int = job["TransformResources"]["InstanceCount"]
    return math.ceil(worked.total_seconds()) * instances


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
    try:
        found: dict[str, Any] = describe(**{_FIELDS[kind]: name})
    except ClientError as error:
        said = error.response["Error"]["Message"]
        raise LabError(f"The {kind} {name} cannot be watched in {lab.region}: {said}") from error
    return found


def _show(log: JobLog, every: int = 1) -> None:
    for line in log.new_lines():
        found = _ROUND.search(line)
        if found is None or int(found[1]) % every == 0:
            print(f"    {line.replace('#011', '  ')}", flush=True)


def training_curve(lab: Lab, job: str) -> pd.DataFrame:
    """The metrics that XGBoost printed after each round, from the job's log.

    One row a round (the index, from 0), one column a metric: train-mlogloss, validation-mlogloss.
    Raises LabError where the log has none.
    """
    rows: dict[int, dict[str, float]] = {}
    for line in JobLog(lab, TRAINING_JOBS, job).new_lines():
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
