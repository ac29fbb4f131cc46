"""The metrics of training jobs in CloudWatch, as the SDK's TrainingJobAnalytics asks for them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from labcloud.aws.cloudwatch import MINUTES, SECONDS, Summary, datum

NAMESPACE = "/aws/sagemaker/TrainingJobs"
# So many metrics of jobs are kept.
_SERIES = 10_000


class TrainingMetrics:
    """The metrics of one account in one region."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], deque[tuple[int, Summary]]] = {}

    def add(self, job: str, name: str, value: float) -> None:
        """A value that the job has just printed."""
        series = self._series.get((job, name))
        if series is None:
            if len(self._series) >= _SERIES:
                del self._series[next(iter(self._series))]
            series = self._series[job, name] = deque(maxlen=MINUTES)
        at = int(time.time()) // SECONDS * SECONDS
        if not series or series[-1][0] != at:
            series.append((at, Summary()))
        series[-1][1].add(value)

    def data(self) -> Iterator[Any]:
        """All there is, in moto's form. Any thread may ask."""
        for (job, name), series in list(self._series.items()):
            for at, summary in list(series):
                yield datum(NAMESPACE, name, "None", {"TrainingJobName": job}, at, summary)
