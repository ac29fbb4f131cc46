"""Shows a tuning job as it goes: its training jobs in the order of their numbers, each result."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from labhelpers.connect import Lab
from labhelpers.errors import JobFailed

_ENDED = ("Completed", "Failed", "Stopped")
_FINAL = "FinalHyperParameterTuningJobObjectiveMetric"


def watch_tuning(lab: Lab, name: str, describe: Callable[[], dict[str, Any]], pause: float) -> str:
    """Follows a tuning job to its end, prints each result, and returns the job's name.

    `describe` is asked for the job again and again, `pause` seconds apart on AWS. A training job is
    shown when it and all before it have ended, so that the lines come in the jobs' order. Raises
    JobFailed with AWS's reason.
    """
    print(f"Tuning job {name}\nInProgress", flush=True)
    job = describe()
    shown = _Results(maximize=_aims_high(job["HyperParameterTuningJobConfig"]))
    while True:
        status = job["HyperParameterTuningJobStatus"]
        shown.show(_training_jobs(lab, name), all_of_them=status in _ENDED)
        if status in _ENDED:
            break
        if not lab.is_local:
            time.sleep(pause)
        job = describe()
    print(status, flush=True)
    if status == "Failed":
        raise JobFailed(f"{name} failed: {job.get('FailureReason', 'AWS gives no reason')}")
    return name


class _Results:
    """What has been shown so far, and the best of it."""

    def __init__(self, *, maximize: bool) -> None:
        self._sign = 1 if maximize else -1
        self._shown = 0
        self._best = math.nan

    def show(self, jobs: list[dict[str, Any]], *, all_of_them: bool) -> None:
        for job in jobs[self._shown :]:
            if job["TrainingJobStatus"] not in _ENDED and not all_of_them:
                return
            self._shown += 1
            print(f"    {self._shown:>3}  {self._line(job)}", flush=True)

    def _line(self, job: dict[str, Any]) -> str:
        if _FINAL not in job:
            reason = _in_a_line(job.get("FailureReason", ""))
            return f"{job['TrainingJobStatus']}, no result{': ' if reason else ''}{reason}"
        final = job[_FINAL]
        value = float(final["Value"])
        line = f"{final['MetricName']} {value:.5g}"
        if job["TrainingJobStatus"] == "Stopped":
            line += ", stopped early"
        # Not a number is what nothing compares with.
        if not self._sign * value <= self._sign * self._best:
            self._best = value
            line += "  (best so far)"
        return line


def _in_a_line(reason: str) -> str:
    """A reason without what stands in the middle of a long one: a traceback's end says most."""
    words = " ".join(reason.split())
    return words if len(words) <= 200 else f"{words[:60]} … {words[-130:]}"


def _aims_high(config: dict[str, Any]) -> bool:
    objective = config.get("HyperParameterTuningJobObjective", {})
    return bool(objective.get("Type") == "Maximize")


def _training_jobs(lab: Lab, name: str) -> list[dict[str, Any]]:
    """Their names hold their numbers, so the order of the names is that of the jobs."""
    pages = lab.client("sagemaker").get_paginator(
        "list_training_jobs_for_hyper_parameter_tuning_job"
    )
    found = [
        job
        for page in pages.paginate(HyperParameterTuningJobName=name)
        for job in page["TrainingJobSummaries"]
    ]
    return sorted(found, key=lambda job: str(job["TrainingJobName"]))
