"""How the endpoints have been invoked, in CloudWatch: AWS/SageMaker, by endpoint and variant.

See "Amazon SageMaker AI metrics in Amazon CloudWatch" in the developer guide.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from labcloud.aws.cloudwatch import MINUTES, SECONDS, Summary, datum

NAMESPACE = "AWS/SageMaker"
# So many variants are kept.
_VARIANTS = 200
_MICRO = 1e6


class _Minute:
    """What happened in a minute; `at` is its beginning (seconds since the epoch)."""

    __slots__ = ("at", "failed", "model", "overhead", "per_instance", "refused")

    def __init__(self, at: int) -> None:
        self.at = at
        self.refused = self.failed = 0
        self.per_instance, self.model, self.overhead = Summary(), Summary(), Summary()

    def metrics(self) -> Iterator[tuple[str, str, Summary]]:
        """Name, unit and values of each metric."""
        count = self.model.count
        yield "Invocations", "None", _counted(count, count)
        yield "InvocationsPerInstance", "None", self.per_instance
        yield "Invocation4XXErrors", "None", _counted(count, self.refused)
        yield "Invocation5XXErrors", "None", _counted(count, self.failed)
        yield "ModelLatency", "Microseconds", self.model
        yield "OverheadLatency", "Microseconds", self.overhead


def _counted(count: int, ones: int) -> Summary:
    """So many values, of which so many are 1 and the others 0."""
    found = Summary()
    found.count, found.total = count, ones
    found.least, found.most = float(ones == count), float(ones > 0)
    return found


class Minute(NamedTuple):
    """The metrics of a minute by name; `at` is its beginning (seconds since the epoch)."""

    at: int
    values: dict[str, Summary]


class Meter:
    """The metrics of one variant of an endpoint."""

    def __init__(self) -> None:
        self.minutes: deque[_Minute] = deque(maxlen=MINUTES)

    def add(self, status: int, model: float, overhead: float, instances: int) -> None:
        """One invocation: the container's status, 0 for none, and the times in seconds."""
        at = int(time.time()) // SECONDS * SECONDS
        if not self.minutes or self.minutes[-1].at != at:
            self.minutes.append(_Minute(at))
        minute = self.minutes[-1]
        minute.per_instance.add(1 / instances)
        minute.model.add(model * _MICRO)
        minute.overhead.add(overhead * _MICRO)
        if status >= 500 or not status:
            minute.failed += 1
        elif status >= 400:
            minute.refused += 1


class InvocationMetrics:
    """The meters of one account in one region."""

    def __init__(self) -> None:
        self._meters: dict[tuple[str, str], Meter] = {}

    def meter(self, endpoint: str, variant: str) -> Meter:
        found = self._meters.get((endpoint, variant))
        if found is None:
            if len(self._meters) >= _VARIANTS:
                del self._meters[next(iter(self._meters))]
            found = self._meters[endpoint, variant] = Meter()
        return found

    def of(self, endpoint: str) -> dict[str, list[Minute]]:
        """By variant, the minutes in which an endpoint was invoked."""
        return {
            variant: [
                Minute(each.at, {name: summary for name, _, summary in each.metrics()})
                for each in meter.minutes
            ]
            for (of, variant), meter in self._meters.items()
            if of == endpoint
        }

    def data(self) -> Iterator[Any]:
        """All there is, in moto's form. Any thread may ask."""
        for (endpoint, variant), meter in list(self._meters.items()):
            dimensions = {"EndpointName": endpoint, "VariantName": variant}
            for minute in list(meter.minutes):
                for name, unit, summary in minute.metrics():
                    yield datum(NAMESPACE, name, unit, dimensions, minute.at, summary)
