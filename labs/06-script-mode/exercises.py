"""The exercises of lab 06: those of its notebooks, one after the other."""

from __future__ import annotations

import exercises_06a
import exercises_06b

from labhelpers import Exercises

exercises = Exercises(
    *exercises_06a.EXERCISES,
    *exercises_06b.EXERCISES,
    notebooks={"06a": len(exercises_06a.EXERCISES), "06b": len(exercises_06b.EXERCISES)},
)
