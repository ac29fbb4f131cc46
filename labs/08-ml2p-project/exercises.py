"""The exercises of lab 08: those of its notebooks, one after the other."""

from __future__ import annotations

import exercises_08a

from labhelpers import Exercises

exercises = Exercises(
    *exercises_08a.EXERCISES,
    notebooks={"08a": len(exercises_08a.EXERCISES)},
)
