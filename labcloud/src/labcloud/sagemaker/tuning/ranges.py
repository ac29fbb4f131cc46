"""The ranges that a tuning job searches, and how values in them are written.

The API's ranges are text, and so are hyperparameters. Scaling follows "Hyperparameter Scaling" of
the developer guide. Raises ValueError for text that is no number; what else makes a range wrong is
checked when the job is created.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Kind = Literal["Integer", "Continuous", "Categorical"]
LINEAR, LOGARITHMIC, REVERSE = "Linear", "Logarithmic", "ReverseLogarithmic"
AUTO = "Auto"
_SCALED = ("IntegerParameterRanges", "ContinuousParameterRanges")
# AWS chooses a scale for Auto and does not say how. Here: by how often the range multiplies by ten.
_DECADES = 3


@dataclass(frozen=True)
class Numbers:
    """An integer or continuous range, ends included."""

    name: str
    kind: Kind
    low: float
    high: float
    scaling: str = LINEAR

    def distribution(self) -> BaseDistribution:
        """What Optuna samples; with a reverse logarithmic scale that is the distance to 1."""
        from optuna.distributions import FloatDistribution, IntDistribution

        log = self.scaling == LOGARITHMIC
        if self.kind == "Integer":
            return IntDistribution(int(self.low), int(self.high), log=log)
        if self.scaling == REVERSE:
            return FloatDistribution(1 - self.high, 1 - self.low, log=True)
        return FloatDistribution(self.low, self.high, log=log)

    def text(self, sampled: Any) -> str:
        """A sampled value as a hyperparameter; rounding never takes it out of the range."""
        if self.kind == "Integer":
            return str(int(sampled))
        value = 1 - sampled if self.scaling == REVERSE else float(sampled)
        return repr(min(max(value, self.low), self.high))

    def sampled(self, text: str) -> Any:
        """What would have been sampled for a hyperparameter; None where it is out of range."""
        try:
            value = float(text)
        except ValueError:
            return None
        if not self.low <= value <= self.high:
            return None
        if self.kind == "Integer":
            return int(value) if value == int(value) else None
        if self.scaling == REVERSE:
            return min(max(1 - value, 1 - self.high), 1 - self.low)
        return value

    def size(self) -> float:
        """How many values there are."""
        whole = self.kind == "Integer" or self.low == self.high
        return self.high - self.low + 1 if whole else math.inf


@dataclass(frozen=True)
class Categories:
    """A categorical range."""

    name: str
    values: tuple[str, ...]
    kind: Kind = "Categorical"

    def distribution(self) -> BaseDistribution:
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution(self.values)

    def text(self, sampled: Any) -> str:
        return str(sampled)

    def sampled(self, text: str) -> Any:
        return text if text in self.values else None

    def size(self) -> float:
        return len(self.values)


Range = Numbers | Categories


def read_ranges(given: Mapping[str, Any] | None) -> list[Range]:
    """The ranges of a ParameterRanges, in the order in which the API lists their kinds."""
    found: list[Range] = []
    for kind in ("Integer", "Continuous"):
        for item in (given or {}).get(f"{kind}ParameterRanges", []):
            found.append(_numbers(item, kind))
    for item in (given or {}).get("CategoricalParameterRanges", []):
        found.append(Categories(item["Name"], tuple(item["Values"])))
    return found


def shown_ranges(given: Mapping[str, Any]) -> dict[str, Any]:
    """A ParameterRanges as a Describe shows it: what has no ScalingType has Auto."""
    return {
        kind: [{"ScalingType": AUTO, **item} for item in items] if kind in _SCALED else items
        for kind, items in given.items()
    }


def _numbers(item: Mapping[str, str], kind: Kind) -> Numbers:
    read = int if kind == "Integer" else float
    low, high = float(read(item["MinValue"])), float(read(item["MaxValue"]))
    scaling = item.get("ScalingType", AUTO)
    if scaling == AUTO:
        wide = low > 0 and high / low >= 10**_DECADES
        scaling = LOGARITHMIC if wide else LINEAR
    return Numbers(item["Name"], kind, low, high, scaling)


def combinations(ranges: list[Range]) -> float:
    """How many different combinations of values there are; infinite with a continuous range."""
    return math.prod(each.size() for each in ranges)
