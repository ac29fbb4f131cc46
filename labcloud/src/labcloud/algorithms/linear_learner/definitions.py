"""What labcloud must know of linear-learner: its images, its metrics, and what can be tuned.

The expressions are those that AWS shows in a description of such a job. What can be tuned is listed
in "Tune a linear learner model" of the developer guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from labcloud.algorithms import registries
from labcloud.algorithms.algorithm import Algorithm, Better, Image, Tunable
from labcloud.algorithms.linear_learner import hyperparameters

_NAMES: dict[str, tuple[str, str, Better]] = {
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


def _definition(data: str, name: str, suffix: str = "", epoch: str = "") -> dict[str, str]:
    said, kind, _ = _NAMES[name]
    return {
        "Name": f"{data}:{name}{suffix}",
        "Regex": rf"#quality_metric: host=\S+, {epoch}{data} {said} <{kind}>=(\S+)",
    }


_EPOCH = r"epoch=\S+, "
# While it trains, the objective has a line for each epoch; what it comes to in the end is `final`.
_METRIC_DEFINITIONS = [
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


class LinearLearner:
    """The declaration of the algorithm."""

    name = "linear-learner"
    images = (Image(name, re.compile(r"1|latest"), registries.LINEAR_LEARNER),)
    shown = "linear-learner:1"
    train = "labcloud.algorithms.linear_learner.train:main"
    serve = "labcloud.algorithms.linear_learner.serve:main"
    preload = ("sklearn.linear_model", "labcloud.algorithms.linear_learner.train")
    metric_definitions = described_metrics = _METRIC_DEFINITIONS
    tuning_metrics: Mapping[str, Better] = {
        f"{data}:{name}": better
        for data in ("validation", "test")
        for name, (_, _, better) in _NAMES.items()
    }
    tunable: Mapping[str, Tunable] = {
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

    def check_value(self, name: str, text: str) -> None:
        hyperparameters.TABLE[name].parse(text)


LINEAR_LEARNER: Algorithm = LinearLearner()
