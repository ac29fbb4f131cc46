"""Which training jobs are stopped before their end, by the values of their objective so far.

A rule sees a job's values as they come, one an epoch, and what it may know of others: the values
of earlier jobs that had ended when this one was proposed. So it does not matter which of the jobs
that run beside it is faster.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from labcloud.sagemaker.tuning.search import HYPERBAND

# How many jobs must have ended before one is measured by them, and which share of their usual
# number of epochs it has for a start. AWS, which reads the metrics now and then, never judges the
# first epochs; a log that is followed line by line would.
_LEAST_JOBS = 3
_START = 0.2
# Of the jobs that reach a rung, one in this many goes on: eta of the paper.
_REDUCTION = 3
# The static hyperparameters from which AWS infers MaxResource.
RESOURCES = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")


class History:
    """How a job's objective went: its values, one an epoch, and the averages up to each of them."""

    def __init__(self, values: Iterable[float] = ()) -> None:
        self.values: list[float] = []
        self.averages: list[float] = []
        for value in values:
            self.add(value)

    def add(self, value: float) -> None:
        before = self.averages[-1] if self.averages else 0.0
        self.values.append(value)
        self.averages.append(before + (value - before) / len(self.values))


class Rule(Protocol):
    """Whether a job of this number is stopped after its last value."""

    def stops(
        self, number: int, history: History, earlier: Sequence[History], *, maximize: bool
    ) -> bool: ...


class Median:
    """TrainingJobEarlyStoppingType Auto, as in "Stop Training Jobs Early" of the guide."""

    def stops(
        self, number: int, history: History, earlier: Sequence[History], *, maximize: bool
    ) -> bool:
        """Whether the last value is worse than the median of the others' running averages."""
        others = [each.averages for each in earlier if each.averages]
        if len(others) < _LEAST_JOBS:
            return False
        epoch, last = len(history.values), history.values[-1]
        if epoch <= _START * statistics.median(len(each) for each in others):
            return False
        median = statistics.median(each[min(epoch, len(each)) - 1] for each in others)
        return last < median if maximize else last > median


class Hyperband:
    """Hyperband with asynchronous successive halving, by stopping and never by resuming.

    Li et al., "Hyperband" (2018) and "A System for Massively Parallel Hyperparameter Tuning"
    (2020). The jobs take turns in the brackets; in the s-th, nobody is stopped before
    MinResource · 3^s epochs. At MaxResource every job ends.
    """

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most
        self.brackets = 1 + int(math.log(max(1.0, most / least), _REDUCTION) + 1e-9)

    def stops(
        self, number: int, history: History, earlier: Sequence[History], *, maximize: bool
    ) -> bool:
        """Whether it is beyond MaxResource, or on a rung and not in the best third there."""
        epoch, reached = len(history.values), history.values[-1]
        if epoch > self._most:
            return True
        bracket = (number - 1) % self.brackets
        if epoch >= self._most or epoch not in self._rungs(bracket):
            return False
        others = [
            each.values[epoch - 1]
            for place, each in enumerate(earlier)
            if place % self.brackets == bracket and len(each.values) >= epoch
        ]
        if len(others) + 1 < _REDUCTION:
            return False
        ranked = sorted([*others, reached], reverse=maximize)
        last = ranked[len(ranked) // _REDUCTION - 1]
        return reached < last if maximize else reached > last

    def _rungs(self, bracket: int) -> list[int]:
        return [
            self._least * _REDUCTION**power
            for power in range(bracket, self.brackets)
            if self._least * _REDUCTION**power < self._most
        ]


def max_resource(config: dict[str, Any], static: dict[str, str]) -> int | None:
    """MaxResource of a Hyperband job: as given, or as AWS infers it; None where it cannot be."""
    given: int | None = _hyperband(config).get("MaxResource")
    if given is not None:
        return given
    found = [static[name] for name in RESOURCES if name in static]
    return int(found[0]) if found and found[0].isdecimal() and int(found[0]) else None


def rule_of(config: dict[str, Any], static: dict[str, str]) -> Rule | None:
    """The rule of a HyperParameterTuningJobConfig for jobs with these static hyperparameters."""
    if config["Strategy"] == HYPERBAND:
        most = max_resource(config, static) or 1
        return Hyperband(_hyperband(config).get("MinResource", 1), most)
    return Median() if config.get("TrainingJobEarlyStoppingType") == "Auto" else None


def _hyperband(config: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    return found
