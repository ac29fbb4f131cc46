"""The metrics of a training job: numbers that regular expressions find in its log."""

from __future__ import annotations

import importlib
import time
from typing import Any

import regex

from labcloud.containers.images import built_in

# CloudWatch takes a user's expression as it is; one that backtracks must not stop the job.
_TIMEOUT = 0.1


def definitions(algorithm: dict[str, Any]) -> list[dict[str, str]]:
    """The metric definitions of an AlgorithmSpecification: the image's own, then the request's."""
    found = built_in(algorithm.get("TrainingImage", ""))
    own: list[dict[str, str]] = []
    if found:
        own = importlib.import_module(f"{found.module}.definitions").METRIC_DEFINITIONS
    return [*own, *algorithm.get("MetricDefinitions", [])]


class Metrics:
    """Collects the last value of each metric."""

    def __init__(self, definitions: list[dict[str, str]]) -> None:
        self._patterns = [
            (definition["Name"], regex.compile(definition["Regex"])) for definition in definitions
        ]
        self._last: dict[str, tuple[float, float]] = {}

    def read(self, line: str) -> None:
        """Looks for every metric in a line of the log."""
        for name, pattern in self._patterns:
            try:
                match = pattern.search(line, timeout=_TIMEOUT)
                if match and match.groups():
                    self._last[name] = (float(match[1]), time.time())
            except (TimeoutError, ValueError, TypeError):
                # Not a number, or too slow: no value, as on AWS.
                continue

    def final(self) -> list[dict[str, Any]]:
        """FinalMetricDataList."""
        return [
            {"MetricName": name, "Value": value, "Timestamp": moment}
            for name, (value, moment) in self._last.items()
        ]
