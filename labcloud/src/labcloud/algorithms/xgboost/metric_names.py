"""The metrics that XGBoost can be evaluated by, and which way each is better.

Names only; `metrics` computes those that are not xgboost's own.
"""

from __future__ import annotations

from labcloud.algorithms.algorithm import Better

# In the order in which AWS's error messages list them.
MAXIMIZE = (
    "accuracy",
    "auc",
    "aucpr",
    "balanced_accuracy",
    "f1",
    "f1_binary",
    "f1_macro",
    "map",
    "ndcg",
    "precision",
    "r2",
    "recall",
    "precision_macro",
    "precision_micro",
    "recall_macro",
    "recall_micro",
)
MINIMIZE = (
    "aft-nloglik",
    "cox-nloglik",
    "error",
    "gamma-deviance",
    "gamma-nloglik",
    "interval-regression-accuracy",
    "logloss",
    "mae",
    "mape",
    "merror",
    "mlogloss",
    "mphe",
    "mse",
    "poisson-nloglik",
    "rmse",
    "rmsle",
    "tweedie-nloglik",
)
ALL = [*MAXIMIZE, *MINIMIZE]
# Those whose definitions AWS shows in two recorded descriptions, of jobs of 0.90-1 and 1.5-1 (the
# latter has r2 of validation only). All in the developer guide's table of tuning metrics are among
# them, and with the one that a tuning job adds they are fewer than the 40 that the service model
# allows. The others are read from the log all the same: a job that is measured by them has values.
DESCRIBED = (
    "accuracy",
    "auc",
    "aucpr",
    "f1",
    "map",
    "ndcg",
    "r2",
    "cox-nloglik",
    "error",
    "gamma-deviance",
    "gamma-nloglik",
    "logloss",
    "mae",
    "merror",
    "mlogloss",
    "mse",
    "poisson-nloglik",
    "rmse",
    "tweedie-nloglik",
)

# What a tuning job may aim at.
OBJECTIVES: dict[str, Better] = {
    **{f"validation:{name}": "Maximize" for name in MAXIMIZE},
    **{f"validation:{name}": "Minimize" for name in MINIMIZE},
}
