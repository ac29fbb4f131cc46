"""What a tuning job aims at: a metric, and whether more or less of it is better."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from labcloud.state.records import Record

SUCCEEDED, PENDING, FAILED = "Succeeded", "Pending", "Failed"
# The field of a summary that has the objective's value.
FINAL = "FinalHyperParameterTuningJobObjectiveMetric"


@dataclass(frozen=True)
class Objective:
    """A HyperParameterTuningJobObjective."""

    metric: str
    maximize: bool

    @classmethod
    def read(cls, given: dict[str, str]) -> Objective:
        return cls(given["MetricName"], given["Type"] == "Maximize")

    def better(self, one: float, other: float) -> bool:
        return one > other if self.maximize else one < other

    def value(self, training_job: Record) -> float | None:
        """The final value in a training job's record; None if there is no number to search by."""
        for metric in training_job.get("FinalMetricDataList", []):
            value = float(metric["Value"])
            if metric["MetricName"] == self.metric and math.isfinite(value):
                return value
        return None

    def final(self, value: float) -> dict[str, Any]:
        """FinalHyperParameterTuningJobObjectiveMetric."""
        kind = "Maximize" if self.maximize else "Minimize"
        return {"Type": kind, "MetricName": self.metric, "Value": value}


def value_of(child: dict[str, Any]) -> float | None:
    """The objective's value in a training job's summary."""
    found = child.get(FINAL)
    return float(found["Value"]) if found else None


def best(children: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The summary with the best value, the earliest of equals; None if no job has a value."""
    found: dict[str, Any] | None = None
    for child in children:
        value, so_far = value_of(child), value_of(found) if found else None
        if value is None:
            continue
        final = child[FINAL]
        objective = Objective(final["MetricName"], final["Type"] == "Maximize")
        if so_far is None or objective.better(value, so_far):
            found = child
    return found
