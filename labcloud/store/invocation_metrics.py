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
_NONE, _MICROSECONDS = "None", "Microseconds"
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

    __slots__ = ("at", "metrics")

    def __init__(self, at: int) -> None:
        self.at = at
        self.metrics = {name: _Summary() for name in _UNITS}


_UNITS = {
    "Invocations": _NONE,
    "InvocationsPerInstance": _NONE,
    "Invocation4XXErrors": _NONE,
    "Invocation5XXErrors": _NONE,
    "ModelLatency": _MICROSECONDS,
    "OverheadLatency": _MICROSECONDS,
}


class Meter:
    """The metrics of one variant of an endpoint."""

    def __init__(self) -> None:
        self.minutes: deque[_Minute] = deque(maxlen=_MINUTES)

    def add(self, status: int, model: float, overhead: float, instances: int) -> None:
        """One invocation: the container's status, 0 for none, and the times in seconds."""
        at = int(time.time()) // _SECONDS * _SECONDS
        if not self.minutes or self.minutes[-1].at != at:
            self.minutes.append(_Minute(at))
        metrics = self.minutes[-1].metrics
        metrics["Invocations"].add(1)
        metrics["InvocationsPerInstance"].add(1 / instances)
        metrics["Invocation4XXErrors"].add(400 <= status < 500)
        metrics["Invocation5XXErrors"].add(status >= 500 or status == 0)
        metrics["ModelLatency"].add(model * _MICRO)
        metrics["OverheadLatency"].add(overhead * _MICRO)


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
                for name, summary in minute.metrics.items():
                    if summary.count:
                        yield MetricAggregatedDatum(
                            NAMESPACE, name, summary.least, summary.most, summary.count,
                            summary.total, dimensions, moment.replace(tzinfo=None), _UNITS[name],
                        )  # fmt: skip


class _Provider(CloudWatchMetricProvider):
    """moto asks every subclass of its base class for metrics."""

    published: ClassVar[dict[tuple[str, str], InvocationMetrics]] = {}

    @staticmethod
    def get_cloudwatch_metrics(account_id: str, region: str) -> list[Any]:
        found = _Provider.published.get((account_id, region))
        return list(found.data()) if found else []
