"""The exercises of lab 07: those of its notebooks, one after the other."""

from __future__ import annotations

import exercises_07a

from labhelpers import Exercises

exercises = Exercises(
    *exercises_07a.EXERCISES, notebooks={"07a": len(exercises_07a.EXERCISES)}
)
