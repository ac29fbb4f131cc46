"""How the endpoints have been invoked, in CloudWatch: AWS/SageMaker, by endpoint and variant.

Kept here by the minute, which is how finely CloudWatch shows it; moto, which answers CloudWatch's
API in this process, asks for it when somebody asks moto. See "Amazon SageMaker AI metrics in Amazon
CloudWatch" in the developer guide. It is gone when labcloud stops.
"""

from __future__ import annotations

import datetime
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, ClassVar

from moto.cloudwatch.models import MetricAggregatedDatum
from moto.core.common_models import CloudWatchMetricProvider

NAMESPACE = "AWS/SageMaker"
_SECONDS = 60
# What is kept: so many minutes of each variant in which it was invoked, and so many variants.
_MINUTES = 24 * 60
_VARIANTS = 200
_MICRO = 1e6


class _Summary:
    """A number of values, as CloudWatch keeps them."""

    __slots__ = ("count", "least", "most", "total")

    def __init__(self) -> None:
        self.count, self.total = 0, 0.0
        self.least, self.most = float("inf"), float("-inf")

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        if value < self.least:
            self.least = value
        if value > self.most:
            self.most = value


class _Minute:
    """What happened in a minute; `at` is its beginning (seconds since the epoch)."""

    __slots__ = ("at", "failed", "model", "overhead", "per_instance", "refused")

    def __init__(self, at: int) -> None:
        self.at = at
        self.refused = self.failed = 0
        self.per_instance, self.model, self.overhead = _Summary(), _Summary(), _Summary()

    def metrics(self) -> Iterator[tuple[str, str, _Summary]]:
        """Name, unit and values of each metric."""
        count = self.model.count
        yield "Invocations", "None", _counted(count, count)
        yield "InvocationsPerInstance", "None", self.per_instance
        yield "Invocation4XXErrors", "None", _counted(count, self.refused)
        yield "Invocation5XXErrors", "None", _counted(count, self.failed)
        yield "ModelLatency", "Microseconds", self.model
        yield "OverheadLatency", "Microseconds", self.overhead


def _counted(count: int, ones: int) -> _Summary:
    """So many values, of which so many are 1 and the others 0."""
    found = _Summary()
    found.count, found.total = count, ones
    found.least, found.most = float(ones == count), float(ones > 0)
    return found


class Meter:
    """The metrics of one variant of an endpoint."""

    def __init__(self) -> None:
        self.minutes: deque[_Minute] = deque(maxlen=_MINUTES)

    def add(self, status: int, model: float, overhead: float, instances: int) -> None:
        """One invocation: the container's status, 0 for none, and the times in seconds."""
        at = int(time.time()) // _SECONDS * _SECONDS
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

    def publish(self, account: str, region: str) -> None:
        """Makes these what CloudWatch shows."""
        _Provider.published[account, region] = self

    def data(self) -> Iterator[MetricAggregatedDatum]:
        """All there is, in moto's form. Any thread may ask."""
        for (endpoint, variant), meter in list(self._meters.items()):
            dimensions = [
                {"Name": "EndpointName", "Value": endpoint},
                {"Name": "VariantName", "Value": variant},
            ]
            for minute in list(meter.minutes):
                moment = datetime.datetime.fromtimestamp(minute.at, datetime.UTC)
                for name, unit, summary in minute.metrics():
                    yield MetricAggregatedDatum(
                        NAMESPACE, name, summary.least, summary.most, summary.count,
                        summary.total, dimensions, moment.replace(tzinfo=None), unit,
                    )  # fmt: skip


class _Provider(CloudWatchMetricProvider):
    """moto asks every subclass of its base class for metrics."""

    published: ClassVar[dict[tuple[str, str], InvocationMetrics]] = {}

    @staticmethod
    def get_cloudwatch_metrics(account_id: str, region: str) -> list[Any]:
        found = _Provider.published.get((account_id, region))
        return list(found.data()) if found else []
