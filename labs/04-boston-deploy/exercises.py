"""The exercises of lab 04: those of its notebooks, one after the other."""

from __future__ import annotations

import exercises_04a
import exercises_04b
import exercises_04c

from labhelpers import Exercises

exercises = Exercises(
    *exercises_04a.EXERCISES,
    *exercises_04b.EXERCISES,
    *exercises_04c.EXERCISES,
    notebooks={
        "04a": len(exercises_04a.EXERCISES),
        "04b": len(exercises_04b.EXERCISES),
        "04c": len(exercises_04c.EXERCISES),
    },
)
