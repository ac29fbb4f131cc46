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

# What a tuning job may aim at.
OBJECTIVES: dict[str, Better] = {
    **{f"validation:{name}": "Maximize" for name in MAXIMIZE},
    **{f"validation:{name}": "Minimize" for name in MINIMIZE},
}
