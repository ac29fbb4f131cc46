"""What labcloud must know of XGBoost: its images, its metrics, and what can be tuned.

Expressions are for log lines as CloudWatch shows them, where a tab is `#011`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from labcloud.algorithms import registries
from labcloud.algorithms.algorithm import Algorithm, Better, Image, Tunable
from labcloud.algorithms.xgboost import metric_names
from labcloud.algorithms.xgboost.hyperparameters import ALIASES, TABLE
from labcloud.algorithms.xgboost.ranges import integer

# Ends with the number: what follows it on the line is joined to it by `#011`, not by a space.
_NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*"


def _definitions(names: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"Name": f"{data}:{name}", "Regex": rf".*\[[0-9]+\].*#011{data}-{name}:{_NUMBER}"}
        for data in ("train", "validation")
        for name in names
    ]


# The SDK names those for Graviton instances, too: of an endpoint, of an ml.m6g and its like.
_TAGS = re.compile(
    r"(0\.90-[12]|1\.0-1|1\.2-[12]|1\.3-1|1\.5-1|1\.7-1|3\.0-5|3\.2-0)(-cpu-py3)?|1\.[35]-1-arm64"
)
# Words that a tuning job may list: tree_method is the developer guide's own example ("Define
# Hyperparameter Ranges").
_TREE_METHOD = Tunable("tree_method", "Categorical", values=("auto", "exact", "approx", "hist"))


class XGBoost:
    """The declaration of the algorithm."""

    name = "sagemaker-xgboost"
    images = (
        Image(name, _TAGS, registries.XGBOOST),
        # The first one, of 2017, in a registry of its own.
        Image("xgboost", re.compile("1|latest"), registries.XGBOOST_OF_2017),
    )
    shown = "sagemaker-xgboost:0.90-1 to 3.2-0, xgboost:1"
    train = "labcloud.algorithms.xgboost.train:main"
    serve = "labcloud.algorithms.xgboost.serve:main"
    preload = (
        "scipy.sparse",
        "xgboost",
        "sklearn.metrics",
        "labcloud.algorithms.xgboost.train",
    )
    metric_definitions = _definitions(metric_names.ALL)
    described_metrics = _definitions(metric_names.DESCRIBED)
    tuning_metrics: Mapping[str, Better] = metric_names.OBJECTIVES
    tunable: Mapping[str, Tunable] = {
        name: Tunable(name, "Integer" if row.parse is integer else "Continuous", *row.tunable)
        for name, row in TABLE.items()
        if row.tunable is not None
    } | {"tree_method": _TREE_METHOD}

    def check_value(self, name: str, text: str) -> None:
        """Raises ValueError or UserError."""
        hyperparameter = TABLE[ALIASES.get(name, name)]
        hyperparameter.check_range(hyperparameter.parse(text))


XGBOOST: Algorithm = XGBoost()
