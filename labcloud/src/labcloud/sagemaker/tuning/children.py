"""The training jobs of a tuning job, as its record keeps them: a summary each, in their order."""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.shown import single, whole_seconds
from labcloud.sagemaker.states import ENDED, JobStatus
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.tuning.objective import FAILED, FINAL, PENDING, SUCCEEDED, Objective
from labcloud.state.records import Missing, Record

# The field of the record.
FIELD = "TrainingJobs"
_COPIED = ("TrainingStartTime", "TrainingEndTime", "FailureReason")
# The platform's own errors, which another attempt may not meet.
_RETRYABLE = "InternalServerError"


def begun(record: Record, definition: str | None, tuned: dict[str, str]) -> dict[str, Any]:
    """The summary of a training job that has just been created."""
    summary = {
        "TrainingJobName": record["TrainingJobName"],
        "TrainingJobArn": record["TrainingJobArn"],
        "CreationTime": record["CreationTime"],
        "TrainingJobStatus": record["TrainingJobStatus"],
        "TunedHyperParameters": tuned,
        "ObjectiveStatus": PENDING,
    }
    return summary | ({"TrainingJobDefinitionName": definition} if definition else {})


def shown(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary as answers have it. Its metric has no Type there, and its times no fractions."""
    found = whole_seconds(summary, "CreationTime", "TrainingStartTime", "TrainingEndTime")
    final = summary.get(FINAL)
    if final is None:
        return found
    return found | {FINAL: {"MetricName": final["MetricName"], "Value": single(final["Value"])}}


def current(cloud: Cloud, summary: dict[str, Any], objective: Objective) -> dict[str, Any]:
    """The summary as it is now: an unfinished one is brought up to date."""
    if summary["ObjectiveStatus"] != PENDING:
        return summary
    try:
        record = cloud.records.get(TRAINING_JOB.kind, summary["TrainingJobName"])
    except Missing:
        # Somebody has deleted it.
        return summary | {"TrainingJobStatus": JobStatus.STOPPED, "ObjectiveStatus": FAILED}
    status = record["TrainingJobStatus"]
    now = summary | {"TrainingJobStatus": status}
    now |= {name: record[name] for name in _COPIED if name in record}
    if status not in ENDED:
        return now
    value = None if status == JobStatus.FAILED else objective.value(record)
    if value is None:
        return now | {"ObjectiveStatus": FAILED}
    return now | {
        "ObjectiveStatus": SUCCEEDED,
        FINAL: objective.final(value),
    }


def all_current(cloud: Cloud, record: Record) -> list[dict[str, Any]]:
    """All summaries of a tuning job's record, as they are now."""
    aims = objectives(record)
    return [
        current(cloud, child, aims[child.get("TrainingJobDefinitionName")])
        for child in record[FIELD]
    ]


def objectives(record: Record) -> dict[str | None, Objective]:
    """What each definition aims at, by its name."""
    common = record["HyperParameterTuningJobConfig"].get("HyperParameterTuningJobObjective")
    return {
        each.get("DefinitionName"): Objective.read(each.get("TuningObjective", common))
        for each in definitions(record)
    }


def definitions(record: Record) -> list[dict[str, Any]]:
    """The training job definitions, of which there may be one or several."""
    one: dict[str, Any] | None = record.get("TrainingJobDefinition")
    several: list[dict[str, Any]] = record.get("TrainingJobDefinitions", [])
    return several if one is None else [one]


def counters(children: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """TrainingJobStatusCounters and ObjectiveStatusCounters."""
    statuses = dict.fromkeys(
        ("Completed", "InProgress", "RetryableError", "NonRetryableError", "Stopped"), 0
    )
    for child in children:
        status = child["TrainingJobStatus"]
        if status == JobStatus.FAILED:
            retryable = child.get("FailureReason", "").startswith(_RETRYABLE)
            status = "RetryableError" if retryable else "NonRetryableError"
        statuses[status if status in statuses else "InProgress"] += 1
    aims = [child["ObjectiveStatus"] for child in children]
    return {
        "TrainingJobStatusCounters": statuses,
        "ObjectiveStatusCounters": {
            status: aims.count(status) for status in (SUCCEEDED, PENDING, FAILED)
        },
    }
