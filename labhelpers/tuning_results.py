"""The results of a tuning job, printed while it runs: one line per training job, in their order."""

from __future__ import annotations

import math
from typing import Any

from labhelpers.lab import Lab

_ENDED = ("Completed", "Failed", "Stopped")
_FINAL = "FinalHyperParameterTuningJobObjectiveMetric"


class TuningResults:
    """Which results of one tuning job have been printed, and the best of them."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab, self._name = lab, name
        self._shown = 0
        self._best = math.nan

    def show(self, tuning_job: dict[str, Any]) -> None:
        """Prints what is new. `tuning_job` is what the API says about the tuning job.

        A training job is shown when it and all jobs before it have ended; after the end of the
        tuning job, all are.
        """
        over = tuning_job["HyperParameterTuningJobStatus"] in _ENDED
        objective = tuning_job["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
        sign = 1 if objective["Type"] == "Maximize" else -1
        for job in self._training_jobs()[self._shown :]:
            if job["TrainingJobStatus"] not in _ENDED and not over:
                return
            self._shown += 1
            print(f"    {self._shown:>3}  {self._line(job, sign)}", flush=True)

    def _training_jobs(self) -> list[dict[str, Any]]:
        """In the order of their numbers, which are part of their names."""
        operation = "list_training_jobs_for_hyper_parameter_tuning_job"
        paginator = self._lab.client("sagemaker").get_paginator(operation)
        pages = paginator.paginate(HyperParameterTuningJobName=self._name)
        jobs = [job for page in pages for job in page["TrainingJobSummaries"]]
        return sorted(jobs, key=lambda job: str(job["TrainingJobName"]))

    def _line(self, job: dict[str, Any], sign: int) -> str:
        if _FINAL not in job:
            reason = _shortened(job.get("FailureReason", ""))
            return f"{job['TrainingJobStatus']}, no result{': ' if reason else ''}{reason}"
        value = float(job[_FINAL]["Value"])
        line = f"{job[_FINAL]['MetricName']} {value:.5g}"
        if job["TrainingJobStatus"] == "Stopped":
            line += ", stopped early"
        # The first value is compared with NaN, which is false, and so it is the best.
        if not sign * value <= sign * self._best:
            self._best = value
            line += "  (best so far)"
        return line


def _shortened(reason: str) -> str:
    """A reason as one line, without the middle of a long one: the end of a traceback says most."""
    words = " ".join(reason.split())
    return words if len(words) <= 200 else f"{words[:60]} … {words[-130:]}"
