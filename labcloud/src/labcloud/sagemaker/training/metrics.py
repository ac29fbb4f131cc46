"""The metrics of a training job: numbers that regular expressions find in its log."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import regex

from labcloud.containers.images import algorithm_of
from labcloud.json_text import spelled
from labcloud.sagemaker.shown import single, whole_seconds
from labcloud.sagemaker.training.literals import literal

# CloudWatch takes a user's expression as it is; one that backtracks must not stop the job.
_TIMEOUT = 0.1


def definitions(request: Mapping[str, Any]) -> list[dict[str, str]]:
    """The metric definitions of a training job: those of its algorithm, then the request's."""
    found = algorithm_of(request)
    return [*map(dict, found.metric_definitions if found else ()), *_given(request)]


def described(request: Mapping[str, Any]) -> list[dict[str, str]]:
    """The same as a Describe shows them, which of an algorithm's own does not show all."""
    found = algorithm_of(request)
    return [*map(dict, found.described_metrics if found else ()), *_given(request)]


def _given(request: Mapping[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = request["AlgorithmSpecification"].get("MetricDefinitions", [])
    return found


# Is told the name of a metric and each value of it.
MetricListener = Callable[[str, float], None]


class Metrics:
    """Collects the last value of each metric, and passes every value on to `listeners`."""

    def __init__(
        self, definitions: Sequence[Mapping[str, str]], *listeners: MetricListener
    ) -> None:
        self._patterns = [
            (each["Name"], literal(each["Regex"]), regex.compile(each["Regex"]))
            for each in definitions
        ]
        # In the order of the definitions, whichever is found first.
        self._last: dict[str, tuple[float, float] | None] = {
            each["Name"]: None for each in definitions
        }
        self._listeners = listeners
        self._closed = False

    def close(self) -> None:
        """What is read from now on does not count."""
        self._closed = True

    def read(self, line: str) -> None:
        """Looks for every metric in a line of the log."""
        if self._closed:
            return
        found: list[tuple[str, float]] = []
        for name, needed, pattern in self._patterns:
            if needed not in line:
                continue
            try:
                match = pattern.search(line, timeout=_TIMEOUT)
                if match and match.groups():
                    value = float(match[1])
                    self._last[name] = (value, time.time())
                    found.append((name, value))
            except (TimeoutError, ValueError, TypeError):
                # Not a number, or too slow: no value, as on AWS.
                continue
        for name, value in found:
            for listener in self._listeners:
                listener(name, value)

    def final(self) -> list[dict[str, Any]]:
        """FinalMetricDataList. A value that JSON does not have, such as NaN, is a text."""
        return [
            {"MetricName": name, "Value": spelled(last[0]), "Timestamp": last[1]}
            for name, last in self._last.items()
            if last
        ]


def shown(final: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A FinalMetricDataList as a Describe shows it."""
    return [
        whole_seconds(each | {"Value": single(float(each["Value"]))}, "Timestamp") for each in final
    ]
