"""What labcloud itself has measured, as CloudWatch shows it.

Kept by the minute, which is how finely CloudWatch shows it; moto, which answers CloudWatch's API in
this process, asks for it when somebody asks moto. It is gone when labcloud stops.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

from moto.cloudwatch.models import CloudWatchBackend, MetricAggregatedDatum
from moto.core.common_models import CloudWatchMetricProvider

SECONDS = 60
# What is kept of one series: so many minutes in which there was something.
MINUTES = 24 * 60


class Summary:
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


def datum(
    namespace: str, name: str, unit: str, dimensions: dict[str, str], at: int, summary: Summary
) -> Any:
    """The values of a metric in the minute that begins at `at`, in moto's form."""
    moment = datetime.datetime.fromtimestamp(at, datetime.UTC).replace(tzinfo=None)
    named = [{"Name": each, "Value": value} for each, value in dimensions.items()]
    return MetricAggregatedDatum(
        namespace, name, summary.least, summary.most, summary.count, summary.total, named, moment,
        unit,
    )  # fmt: skip


class Source(Protocol):
    """Something that measures."""

    def data(self) -> Iterator[Any]:
        """All there is, in moto's form. Any thread may ask."""
        ...


def publish(account: str, region: str, *sources: Source) -> None:
    """Makes these what CloudWatch shows of an account in a region."""
    _Provider.published[account, region] = sources


class _Provider(CloudWatchMetricProvider):
    """moto asks every subclass of its base class for metrics."""

    published: ClassVar[dict[tuple[str, str], tuple[Source, ...]]] = {}

    @staticmethod
    def get_cloudwatch_metrics(account_id: str, region: str) -> list[Any]:
        sources = _Provider.published.get((account_id, region), ())
        return [each for source in sources for each in source.data()]


def apply() -> None:
    """Changes moto, in this process: a StartTime means the minute that it lies in."""
    backend: Any = CloudWatchBackend
    backend.get_metric_statistics, backend.get_metric_data = _statistics, _data


def _statistics(
    backend: Any, namespace: str, metric_name: str, start_time: Any, *rest: Any,
    _asked: Any = CloudWatchBackend.get_metric_statistics, **named: Any,
) -> Any:  # fmt: skip
    return _asked(backend, namespace, metric_name, _whole_minute(start_time), *rest, **named)


def _data(
    backend: Any, queries: Any, start_time: Any, *rest: Any,
    _asked: Any = CloudWatchBackend.get_metric_data, **named: Any,
) -> Any:  # fmt: skip
    return _asked(backend, queries, _whole_minute(start_time), *rest, **named)


def _whole_minute(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(second=0, microsecond=0)
