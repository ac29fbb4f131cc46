"""The exercises of lab 07: those of its notebooks, one after the other."""

from __future__ import annotations

import exercises_07a
import exercises_07b
import exercises_07c

from labhelpers import Exercises

exercises = Exercises(
    *exercises_07a.EXERCISES,
    *exercises_07b.EXERCISES,
    *exercises_07c.EXERCISES,
    notebooks={
        "07a": len(exercises_07a.EXERCISES),
        "07b": len(exercises_07b.EXERCISES),
        "07c": len(exercises_07c.EXERCISES),
    },
)
