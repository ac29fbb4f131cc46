"""The table of the built-in algorithms. A new one is a folder beside this file and a line here."""

from __future__ import annotations

from labcloud.algorithms.algorithm import Algorithm
from labcloud.algorithms.linear_learner.definitions import LINEAR_LEARNER
from labcloud.algorithms.xgboost.definitions import XGBOOST

ALGORITHMS: tuple[Algorithm, ...] = (XGBOOST, LINEAR_LEARNER)
