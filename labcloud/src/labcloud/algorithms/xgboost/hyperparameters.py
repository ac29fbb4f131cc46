"""The hyperparameters of XGBoost, and the validation of a job's hyperparameters.json.

How one value is parsed and ranged is in `ranges`; rules between them are in `rules`. Follows
"XGBoost Hyperparameters" of the developer guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labcloud.algorithms.xgboost import metric_names, rules
from labcloud.algorithms.xgboost.errors import UserError
from labcloud.algorithms.xgboost.ranges import (
    Hyperparameter,
    Interval,
    integer,
    literal,
    number,
    word,
    words,
)

OBJECTIVES = [
    "aft_loss_distribution",
    "binary:logistic",
    "binary:logitraw",
    "binary:hinge",
    "count:poisson",
    "multi:softmax",
    "multi:softprob",
    "rank:pairwise",
    "rank:ndcg",
    "rank:map",
    "reg:linear",
    "reg:squarederror",
    "reg:logistic",
    "reg:gamma",
    "reg:pseudohubererror",
    "reg:squaredlogerror",
    "reg:absoluteerror",
    "reg:tweedie",
    "survival:aft",
    "survival:cox",
]

ALIASES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_lambda": "lambda",
    "reg_alpha": "alpha",
}

_BOOLEAN = ["true", "false"]
_FRACTION = Interval(0, 1)
_SHARE = Interval(0, 1, low_open=True)
_FLAG = Interval(0, 1)
_NATURAL = Interval(0)
_POSITIVE = Interval(1)


def _table(*rows: Hyperparameter) -> dict[str, Hyperparameter]:
    return {row.name: row for row in rows}


TABLE = _table(
    Hyperparameter("num_round", integer, _POSITIVE, required=True, tunable=(1, 4000)),
    Hyperparameter("csv_weights", integer, _FLAG),
    Hyperparameter("early_stopping_rounds", integer, _POSITIVE),
    Hyperparameter("booster", word, ["gbtree", "gblinear", "dart"]),
    Hyperparameter("verbosity", integer, Interval(0, 3)),
    Hyperparameter("nthread", integer, _POSITIVE),
    Hyperparameter("eta", number, _FRACTION, tunable=(0.1, 0.5)),
    Hyperparameter("gamma", number, _NATURAL, tunable=(0, 5)),
    Hyperparameter("max_depth", integer, _NATURAL, tunable=(0, 10)),
    Hyperparameter("min_child_weight", number, _NATURAL, tunable=(0, 120)),
    Hyperparameter("max_delta_step", number, _NATURAL, tunable=(0, 10)),
    Hyperparameter("subsample", number, _SHARE, tunable=(0.5, 1)),
    Hyperparameter("colsample_bytree", number, _SHARE, tunable=(0.5, 1)),
    Hyperparameter("colsample_bylevel", number, _SHARE, tunable=(0.1, 1)),
    Hyperparameter("colsample_bynode", number, _SHARE, tunable=(0.1, 1)),
    Hyperparameter("lambda", number, _NATURAL, tunable=(0, 1000)),
    Hyperparameter("alpha", number, _NATURAL, tunable=(0, 1000)),
    Hyperparameter("tree_method", word, ["auto", "exact", "approx", "hist", "gpu_hist"]),
    Hyperparameter("sketch_eps", number, Interval(0, 1, low_open=True, high_open=True)),
    Hyperparameter("scale_pos_weight", number, Interval(0, low_open=True)),
    Hyperparameter(
        "updater", words, rules.UPDATERS, depth=1,
        needs=("booster", "process_type"), check=rules.updater,
    ),
    Hyperparameter("dsplit", word, ["row", "col"]),
    Hyperparameter("refresh_leaf", integer, _FLAG),
    Hyperparameter("process_type", word, ["default", "update"]),
    Hyperparameter("grow_policy", word, ["depthwise", "lossguide"]),
    Hyperparameter("max_leaves", integer, _NATURAL),
    Hyperparameter("max_bin", integer, _NATURAL),
    Hyperparameter("predictor", word, ["auto", "cpu_predictor", "gpu_predictor"]),
    Hyperparameter(
        "monotone_constraints", literal, [-1, 0, 1], depth=1,
        needs=("tree_method",), check=rules.monotone_constraints,
    ),
    Hyperparameter(
        "interaction_constraints", literal, _POSITIVE, depth=2,
        needs=("tree_method",), check=rules.interaction_constraints,
    ),
    Hyperparameter("sample_type", word, ["uniform", "weighted"]),
    Hyperparameter("normalize_type", word, ["tree", "forest"]),
    Hyperparameter("rate_drop", number, _FRACTION),
    Hyperparameter("one_drop", integer, _FLAG),
    Hyperparameter("skip_drop", number, _FRACTION),
    Hyperparameter("lambda_bias", number, _FRACTION),
    Hyperparameter("tweedie_variance_power", number, Interval(1, 2, low_open=True, high_open=True)),
    Hyperparameter("objective", word, OBJECTIVES, needs=("num_class",), check=rules.objective),
    Hyperparameter("num_class", integer, Interval(2)),
    Hyperparameter("base_score", number, _NATURAL),
    Hyperparameter("_kfold", integer, Interval(2)),
    Hyperparameter("_num_cv_round", integer, _POSITIVE),
    Hyperparameter("_tuning_objective_metric", word, list(metric_names.OBJECTIVES)),
    Hyperparameter(
        "eval_metric", words, metric_names.ALL, depth=1, admits=rules.is_metric,
        needs=("objective",), check=rules.eval_metric,
    ),
    Hyperparameter(
        "seed", integer, Interval(-(2**31), 2**31 - 1, low_open=True, high_open=True)
    ),
    Hyperparameter("num_parallel_tree", integer, _POSITIVE),
    Hyperparameter("save_model_on_termination", word, _BOOLEAN),
    Hyperparameter("aft_loss_distribution", word, ["normal", "logistic", "extreme"]),
    Hyperparameter("aft_loss_distribution_scale", number, _NATURAL),
    Hyperparameter("single_precision_histogram", word, _BOOLEAN),
    Hyperparameter("deterministic_histogram", word, _BOOLEAN),
    Hyperparameter("sampling_method", word, ["uniform", "gradient_based"]),
    Hyperparameter("prob_buffer_row", integer, Interval(1.0, low_open=True)),
    # Not AWS's to run here, but AWS's to know: `train` refuses it for want of a GPU.
    Hyperparameter("use_dask_gpu_training", word, _BOOLEAN),
)  # fmt: skip


def validate(given: Mapping[str, str]) -> dict[str, Any]:
    """The hyperparameters, parsed, under their own names instead of an alias.

    Checks in the order of AWS's container: what is missing, what cannot be parsed, what is out of
    range, what does not go together. Raises UserError at the first.
    """
    named = {ALIASES.get(name, name): text for name, text in given.items()}
    for hyperparameter in TABLE.values():
        if hyperparameter.required and hyperparameter.name not in named:
            raise UserError(f"Missing required hyperparameter: {hyperparameter.name}")

    parsed: dict[str, Any] = {}
    for name, text in named.items():
        if name not in TABLE:
            raise UserError(f"Extraneous hyperparameter found: {name}")
        try:
            parsed[name] = TABLE[name].parse(text)
        except ValueError as error:
            raise UserError(f"Hyperparameter {name}: could not parse value", error) from error

    for name, value in parsed.items():
        TABLE[name].check_range(value)
    _check_rules(parsed)
    return parsed


def _check_rules(parsed: dict[str, Any]) -> None:
    """Checks what does not go together; a hyperparameter comes after those that it needs."""
    checked: set[str] = set()

    def visit(name: str) -> None:
        if name in checked or name not in parsed:
            return
        checked.add(name)
        hyperparameter = TABLE[name]
        for needed in hyperparameter.needs:
            visit(needed)
        if hyperparameter.check:
            others = {other: parsed[other] for other in hyperparameter.needs if other in parsed}
            hyperparameter.check(parsed[name], others)

    for name in parsed:
        visit(name)
