"""The exercises of lab 08: those of its notebooks, one after the other."""

from __future__ import annotations

import exercises_08a
import exercises_08b

from labhelpers import Exercises

exercises = Exercises(
    *exercises_08a.EXERCISES,
    *exercises_08b.EXERCISES,
    notebooks={"08a": len(exercises_08a.EXERCISES), "08b": len(exercises_08b.EXERCISES)},
)
