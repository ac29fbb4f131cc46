"""The metrics of training jobs in CloudWatch, as the SDK's TrainingJobAnalytics asks for them."""

from __future__ import annotations

import time
from array import array
from collections import deque
from collections.abc import Iterator
from typing import Any

from labcloud.aws.cloudwatch import MINUTES, SECONDS, Summary, datum

NAMESPACE = "/aws/sagemaker/TrainingJobs"
# So many metrics of jobs are kept.
_SERIES = 10_000
# What is kept of one metric's values in their order: when there are more, every second one goes.
_POINTS = 500


class Curve:
    """A metric's values in the order in which they came: (number from 1, value)."""

    __slots__ = ("_count", "_step", "_values", "last")

    def __init__(self) -> None:
        self._values = array("d")
        self._step, self._count, self.last = 1, 0, 0.0

    def add(self, value: float) -> None:
        if self._count % self._step == 0:
            self._values.append(value)
        self._count, self.last = self._count + 1, value
        if len(self._values) > _POINTS:
            self._values, self._step = self._values[::2], self._step * 2

    def points(self) -> list[tuple[float, float]]:
        """The values that are kept, and the last one."""
        found = [(1.0 + n * self._step, value) for n, value in enumerate(self._values)]
        if found and found[-1][0] != self._count:
            found.append((float(self._count), self.last))
        return found


class TrainingMetrics:
    """The metrics of one account in one region."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], deque[tuple[int, Summary]]] = {}
        # By job, in the same order.
        self._curves: dict[str, dict[str, Curve]] = {}

    def add(self, job: str, name: str, value: float) -> None:
        """A value that the job has just printed."""
        series = self._series.get((job, name))
        if series is None:
            if len(self._series) >= _SERIES:
                self._forget(*next(iter(self._series)))
            series = self._series[job, name] = deque(maxlen=MINUTES)
        at = int(time.time()) // SECONDS * SECONDS
        if not series or series[-1][0] != at:
            series.append((at, Summary()))
        series[-1][1].add(value)
        self._curves.setdefault(job, {}).setdefault(name, Curve()).add(value)

    def _forget(self, job: str, name: str) -> None:
        del self._series[job, name]
        curves = self._curves[job]
        del curves[name]
        if not curves:
            del self._curves[job]

    def values(self, job: str) -> dict[str, list[tuple[float, float]]]:
        """A job's metrics by name: their values, numbered from 1. Gone when labcloud stops."""
        return {name: curve.points() for name, curve in self._curves.get(job, {}).items()}

    def data(self) -> Iterator[Any]:
        """All there is, in moto's form. Any thread may ask."""
        for (job, name), series in list(self._series.items()):
            for at, summary in list(series):
                yield datum(NAMESPACE, name, "None", {"TrainingJobName": job}, at, summary)
