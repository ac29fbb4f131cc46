"""The exercises of lab 03: those of its notebooks, one after the other."""

from __future__ import annotations

import exercises_03a
import exercises_03b

from labhelpers import Exercises

exercises = Exercises(
    *exercises_03a.EXERCISES,
    *exercises_03b.EXERCISES,
    notebooks={"03a": len(exercises_03a.EXERCISES), "03b": len(exercises_03b.EXERCISES)},
)
