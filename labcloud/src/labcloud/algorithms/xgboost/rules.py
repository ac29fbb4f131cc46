"""The rules between hyperparameters, and the range of those that need more than a list.

Each rule takes a parsed value and the other hyperparameters that it depends on, so far as they
are set, and raises UserError; when they are called is up to `hyperparameters`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labcloud.algorithms.xgboost import metric_names
from labcloud.algorithms.xgboost.errors import UserError

_TREE_GROWERS = (
    "grow_colmaker",
    "distcol",
    "grow_histmaker",
    "grow_local_histmaker",
    "grow_quantile_histmaker",
)
_TREE_UPDATERS = (*_TREE_GROWERS, "grow_skmaker", "sync", "refresh", "prune")
_LINEAR_UPDATERS = ("shotgun", "coord_descent")
_REFRESHING_UPDATERS = ("refresh", "prune")

UPDATERS = [
    "grow_colmaker",
    "distcol",
    "grow_histmaker",
    "grow_local_histmaker",
    "grow_skmaker",
    "sync",
    "refresh",
    "prune",
    "shotgun",
    "coord_descent",
]


def updater(value: list[str], others: dict[str, Any]) -> None:
    """Needs booster and process_type: each kind of booster has its own updaters."""
    if others.get("booster") == "gblinear":
        if len(value) != 1 or value[0] not in _LINEAR_UPDATERS:
            options = ", ".join(f"'{name}'" for name in _LINEAR_UPDATERS)
            raise UserError(f"Linear updater should be one of these options: {options}.")
    elif others.get("process_type") == "update":
        if not set(value) <= set(_REFRESHING_UPDATERS):
            raise UserError(
                "process_type 'update' can only be used with updater 'refresh' and 'prune'"
            )
    elif not set(value) <= set(_TREE_UPDATERS):
        raise UserError(
            "Tree updater should be selected from these options: 'grow_colmaker', 'distcol', "
            "'grow_histmaker', 'grow_local_histmaker', 'grow_skmaker', 'grow_quantile_histmaker', "
            "'sync', 'refresh', 'prune', 'shortgun', 'coord_descent'."
        )
    elif sum(name in _TREE_GROWERS for name in value) > 1:
        raise UserError(
            "Only one tree grow plugin can be selected. Choose one from the"
            "following: 'grow_colmaker', 'distcol', 'grow_histmaker', "
            "'grow_local_histmaker', 'grow_skmaker'"
        )


def objective(value: str, others: dict[str, Any]) -> None:
    """Needs num_class: several classes must be counted beforehand."""
    if value in ("multi:softmax", "multi:softprob") and "num_class" not in others:
        raise UserError("Require input for parameter 'num_class' for multi-classification")


def is_metric(name: str) -> bool:
    """Whether an entry of eval_metric is one: a name, or `error@0.7`, `ndcg@5`, `map@5`.

    Raises UserError for a function, and for a threshold where none can be.
    """
    if "<function" in name:
        raise UserError(f"User defined evaluation metric {name} is not supported yet.")
    if "@" not in name:
        return name in metric_names.ALL
    base, threshold = (part.strip() for part in name.split("@")[:2])
    if base not in ("error", "ndcg", "map"):
        raise UserError(
            f"Metric '{name}' is not supported. Parameter 'eval_metric' with customized threshold "
            "should be one of these options: 'error', 'ndcg', 'map'."
        )
    try:
        float(threshold)
    except ValueError:
        raise UserError(f"Threshold value 't' in '{base}@t' expects float input.") from None
    return True


def eval_metric(value: list[str], others: dict[str, Any]) -> None:
    """Needs objective: some metrics go with some objectives only."""
    if "objective" not in others:
        # AWS's container ends here with a KeyError, for every metric.
        raise UserError(
            "Hyperparameter eval_metric needs hyperparameter 'objective'. Set an objective."
        )
    if "auc" in value and not others["objective"].startswith(("binary:", "rank:")):
        raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")
    if "aft-nloglik" in value and others["objective"] != "survival:aft":
        raise UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")


def monotone_constraints(_: Sequence[int], others: dict[str, Any]) -> None:
    """Needs tree_method: not every method keeps them."""
    if others.get("tree_method") not in ("exact", "hist"):
        raise UserError(
            "monotone_constraints can be used only when the tree_method parameter is set to "
            "either 'exact' or 'hist'."
        )


def interaction_constraints(_: Sequence[Sequence[int]], others: dict[str, Any]) -> None:
    """Needs tree_method: not every method keeps them."""
    if others.get("tree_method") not in ("exact", "hist", "approx"):
        raise UserError(
            "interaction_constraints can be used only when the tree_method parameter is set to "
            "either 'exact', 'hist' or 'approx'."
        )
