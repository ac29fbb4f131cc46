"""When a search has found enough: the TuningJobCompletionCriteria, and how far they are met.

Results are looked at in the order of the jobs' numbers, whichever came first.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from labcloud.sagemaker.tuning.objective import Objective

# What AWS calls an improvement, as a share of the best value before.
_IMPROVEMENT = 0.01
# AWS does not say how it detects convergence. Here: this many results in a row are no improvement.
_CONVERGED = 10


class Completion:
    """Counts the results of one tuning job."""

    def __init__(self, criteria: Mapping[str, Any]) -> None:
        self._target: float | None = criteria.get("TargetObjectiveMetricValue")
        self._patience: int | None = criteria.get("BestObjectiveNotImproving", {}).get(
            "MaxNumberOfTrainingJobsNotImproving"
        )
        convergence = criteria.get("ConvergenceDetected", {})
        self._on_convergence = convergence.get("CompleteOnConvergence") == "Enabled"
        self._best: float | None = None
        self._not_improving = 0
        self._converged: float | None = None
        self.met = False

    def add(self, value: float, objective: Objective) -> None:
        """Takes one more result into account."""
        best = self._best
        if best is None or self._improves(value, best, objective):
            self._best, self._not_improving = value, 0
        else:
            self._not_improving += 1
        if self._not_improving >= _CONVERGED and self._converged is None:
            self._converged = time.time()
        reached = self._target is not None and not objective.better(self._target, value)
        idle = self._patience is not None and self._not_improving >= self._patience
        converged = self._on_convergence and self._converged is not None
        self.met = self.met or reached or idle or converged

    def details(self) -> dict[str, Any]:
        """TuningJobCompletionDetails."""
        found: dict[str, Any] = {"NumberOfTrainingJobsObjectiveNotImproving": self._not_improving}
        if self._converged is not None:
            found["ConvergenceDetectedTime"] = self._converged
        return found

    def _improves(self, value: float, best: float, objective: Objective) -> bool:
        return objective.better(value, best) and abs(value - best) >= _IMPROVEMENT * abs(best)
