"""What the platform must know of the image: its metric definitions, and what can be tuned.

Data only. The expressions are those that AWS shows in a description of such a job.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_NAMES = {
    # name: (what the log says, what kind of number it is, the direction in which it is better)
    "absolute_loss": ("absolute_loss", "loss", "Minimize"),
    "mse": ("mse", "loss", "Minimize"),
    "objective_loss": (r"\S+_objective", "loss", "Minimize"),
    "binary_classification_accuracy": ("binary_classification_accuracy", "score", "Maximize"),
    "binary_f_beta": (r"binary_f_\S+", "score", "Maximize"),
    "precision": ("precision", "score", "Maximize"),
    "recall": ("recall", "score", "Maximize"),
    "roc_auc_score": ("roc_auc_score", "score", "Maximize"),
    "dcg": ("dcg", "score", "Maximize"),
    "macro_f_beta": (r"macro_f_\S+", "score", "Maximize"),
    "macro_precision": ("macro_precision", "score", "Maximize"),
    "macro_recall": ("macro_recall", "score", "Maximize"),
    "multiclass_accuracy": ("multiclass_accuracy", "score", "Maximize"),
    "multiclass_top_k_accuracy": (r"multiclass_top_k_accuracy_\S+", "score", "Maximize"),
}


@dataclass(frozen=True)
class Tunable:
    """A hyperparameter that a tuning job may search, with the range or values AWS recommends."""

    name: str
    type: Literal["Integer", "Continuous", "Categorical"]
    low: float = 0.0
    high: float = 0.0
    values: tuple[str, ...] = ()


def _definition(data: str, name: str, suffix: str = "", epoch: str = "") -> dict[str, str]:
    said, kind, _ = _NAMES[name]
    return {
        "Name": f"{data}:{name}{suffix}",
        "Regex": rf"#quality_metric: host=\S+, {epoch}{data} {said} <{kind}>=(\S+)",
    }


_EPOCH = r"epoch=\S+, "
# While it trains, the objective has a line for each epoch; what it comes to in the end is `final`.
METRIC_DEFINITIONS = [
    *(
        _definition(data, name, ":final" if name == "objective_loss" and data != "test" else "")
        for data in ("train", "validation", "test")
        for name in _NAMES
    ),
    _definition("train", "objective_loss", epoch=_EPOCH),
    _definition("validation", "objective_loss", epoch=_EPOCH),
    {"Name": "train:progress", "Regex": r"#progress_metric: host=\S+, completed (\S+) %"},
    {
        "Name": "train:throughput",
        "Regex": r"#throughput_metric: host=\S+, train throughput=(\S+) records/second",
    },
]

# Objective metric to the direction in which it is better, "Maximize" or "Minimize".
TUNING_METRICS: dict[str, str] = {
    f"{data}:{name}": better
    for data in ("validation", "test")
    for name, (_, _, better) in _NAMES.items()
}

TUNABLE_HYPERPARAMETERS = {
    row.name: row
    for row in (
        Tunable("wd", "Continuous", 1e-7, 1),
        Tunable("l1", "Continuous", 1e-7, 1),
        Tunable("learning_rate", "Continuous", 1e-5, 1),
        Tunable("mini_batch_size", "Integer", 100, 5000),
        Tunable("use_bias", "Categorical", values=("true", "false")),
        Tunable("positive_example_weight_mult", "Continuous", 1e-5, 1e5),
    )
}
