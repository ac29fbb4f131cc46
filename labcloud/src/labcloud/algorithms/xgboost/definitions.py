"""What the platform must know of the image: its metric definitions, and what can be tuned.

Data only. Expressions are for log lines as CloudWatch shows them, where a tab is `#011`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from labcloud.algorithms.xgboost import metric_names
from labcloud.algorithms.xgboost.hyperparameters import ALIASES, TABLE
from labcloud.algorithms.xgboost.ranges import integer


@dataclass(frozen=True)
class Tunable:
    """A hyperparameter that a tuning job may search, with the range that AWS recommends."""

    name: str
    type: Literal["Integer", "Continuous"]
    low: float
    high: float


# Ends with the number: what follows it on the line is joined to it by `#011`, not by a space.
_NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*"

METRIC_DEFINITIONS = [
    {"Name": f"{data}:{name}", "Regex": rf".*\[[0-9]+\].*#011{data}-{name}:{_NUMBER}"}
    for data in ("validation", "train")
    for name in metric_names.ALL
]

# Objective metric to the direction in which it is better, "Maximize" or "Minimize".
TUNING_METRICS: dict[str, str] = metric_names.OBJECTIVES

TUNABLE_HYPERPARAMETERS = {
    name: Tunable(name, "Integer" if row.parse is integer else "Continuous", *row.tunable)
    for name, row in TABLE.items()
    if row.tunable is not None
}

# Numbers and words that a tuning job may list values of: tree_method is the developer guide's own
# example ("Define Hyperparameter Ranges").
TUNABLE_CATEGORIES = ("tree_method",)


def check_value(name: str, text: str) -> None:
    """Raises ValueError or UserError for a value that a hyperparameter cannot have."""
    hyperparameter = TABLE[ALIASES.get(name, name)]
    hyperparameter.check_range(hyperparameter.parse(text))
