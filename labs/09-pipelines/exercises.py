"""The exercises of lab 09: those of its notebooks, one after the other."""

from __future__ import annotations

import exercises_09a
import exercises_09b

from labhelpers import Exercises

exercises = Exercises(
    *exercises_09a.EXERCISES,
    *exercises_09b.EXERCISES,
    notebooks={"09a": len(exercises_09a.EXERCISES), "09b": len(exercises_09b.EXERCISES)},
)
