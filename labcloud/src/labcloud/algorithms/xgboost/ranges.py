"""The kinds of hyperparameters: how their text is parsed, and which values are in range.

Which hyperparameters there are is `hyperparameters`' business.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labcloud.algorithms.xgboost.errors import AlgorithmError, UserError


@dataclass(frozen=True)
class Interval:
    """The numbers between two ends; None is no end, `*_open` excludes the end itself."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: Any) -> bool:
        # Written as refusals: not-a-number compares false to all of them and is let through.
        low, high = self.low, self.high
        if low is not None and (value < low or (self.low_open and value <= low)):
            return False
        return not (high is not None and (value > high or (self.high_open and value >= high)))

    def __str__(self) -> str:
        low = "(-inf" if self.low is None else f"{'(' if self.low_open else '['}{self.low}"
        high = "+inf)" if self.high is None else f"{self.high}{')' if self.high_open else ']'}"
        return f"{low}, {high}"


def integer(text: str) -> int:
    """A whole number; `5.0` is refused."""
    return int(text)


def number(text: str) -> float:
    """Any number, as Python reads it."""
    return float(text)


def word(text: str) -> str:
    """The text itself."""
    return text


def words(text: str) -> list[str]:
    """The parts between commas, spaces kept."""
    return text.split(",")


def literal(text: str) -> Any:
    """A Python literal: a tuple, or lists in a list. Raises ValueError."""
    try:
        return ast.literal_eval(text)
    except SyntaxError as error:
        raise ValueError(str(error)) from error


@dataclass(frozen=True)
class Hyperparameter:
    """One hyperparameter: `parse` reads its text and raises ValueError; `range` holds its values.

    `depth` says where the values to check are: 0 the value itself, 1 in a list, 2 in lists of a
    list. `needs` names the hyperparameters that `check` is given, so far as they are set.
    `tunable` is the range (low, high) that AWS recommends to the tuner.
    """

    name: str
    parse: Callable[[str], Any]
    range: Interval | Sequence[Any]
    depth: int = 0
    required: bool = False
    tunable: tuple[float, float] | None = None
    # Whether a value is in range, where that takes more than looking it up.
    admits: Callable[[Any], bool] | None = None
    needs: tuple[str, ...] = ()
    check: Callable[[Any, dict[str, Any]], None] | None = None

    def check_range(self, value: Any) -> None:
        """Raises UserError for a value out of range."""
        admits = self.admits or (lambda one: one in self.range)
        try:
            inside = all(admits(one) for one in _flat(value, self.depth))
        except UserError:
            raise
        except Exception as error:
            message = f"Hyperparameter {self.name}: unexpected failure when validating {value}"
            raise AlgorithmError(message, error) from error
        if not inside and self.depth:
            raise UserError(f"Hyperparameter {self.name}: value {value} not in range {self.range}")
        if not inside:
            raise UserError(f"Hyperparameter {self.name}: {value} is not in {self.range}")


def _flat(value: Any, depth: int) -> list[Any]:
    return [value] if depth == 0 else [one for part in value for one in _flat(part, depth - 1)]
