"""SecondaryStatusTransitions: the steps of a training job, as its record tells them.

Starting → Downloading → Training → Uploading → Completed, or Failed, or Stopped.
"""

from __future__ import annotations

import time
from typing import Any

from labcloud.sagemaker.states import SecondaryStatus
from labcloud.state.records import Record

_ENDINGS = {
    SecondaryStatus.COMPLETED: "Training job completed",
    SecondaryStatus.FAILED: "Training job failed",
    SecondaryStatus.STOPPED: "Training job stopped",
    SecondaryStatus.MAX_RUNTIME_EXCEEDED: (
        "Training job runtime exceeded MaxRuntimeInSeconds provided"
    ),
}


def entered(record: Record, status: str, message: str, now: float | None = None) -> dict[str, Any]:
    """The changes to a job's record when it enters a secondary status, or says more of it.

    The time of the training, which is billed, begins with the download of its data.
    """
    transitions: list[dict[str, Any]] = record.get("SecondaryStatusTransitions", [])
    now = time.time() if now is None else now
    if transitions and transitions[-1]["Status"] == status:
        transitions[-1]["StatusMessage"] = message
        return {"SecondaryStatusTransitions": transitions}
    if transitions:
        transitions[-1].setdefault("EndTime", now)
    transitions.append({"Status": status, "StartTime": now, "StatusMessage": message})
    began = {"TrainingStartTime": now} if status == SecondaryStatus.DOWNLOADING else {}
    return {"SecondaryStatus": status, "SecondaryStatusTransitions": transitions, **began}


def ended(record: Record, secondary: str) -> dict[str, Any]:
    """The changes to a job's record when it ends with this secondary status."""
    now = time.time()
    changes = entered(record, secondary, _ENDINGS[secondary], now)
    changes["SecondaryStatusTransitions"][-1]["EndTime"] = now
    started = record.get("TrainingStartTime")
    # AWS's differences of whole seconds are never 0: a job there takes longer, and its model has 1
    # as the least. (SDKs divide by it.)
    seconds = max(1, int(now) - int(started)) if started else None
    return changes | {
        "TrainingEndTime": now if started else None,
        "TrainingTimeInSeconds": seconds,
        "BillableTimeInSeconds": seconds,
    }
