"""A Gaussian process: what results at some points let one expect at others.

After Snoek, Larochelle and Adams, "Practical Bayesian Optimization of Machine Learning Algorithms"
(2012), which the developer guide names for its own Bayesian search: a Matérn 5/2 kernel with a
length scale for each dimension, and expected improvement. Points lie in the unit cube.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Length scales and noise are chosen among this many seeded guesses and then near the best of them.
# A search among guesses gives the same answer on every machine, an optimiser's last digits do not.
_GUESSES = 96
_REFINEMENTS = 48
_SCALES = (0.08, 4.0)
_NOISES = (1e-6, 1e-1)
# The plausible length scale, and how many factors of e around it.
_PRIOR = (0.4, 1.0)
_JITTER = 1e-9


@dataclass(frozen=True)
class Process:
    """A process that knows `points`, shape (n, d), and their standardised `values`, shape (n,)."""

    points: Array
    values: Array
    scales: Array
    noise: float

    def with_beliefs(self, points: Array) -> Process:
        """The same, as if every pending point had turned out as expected."""
        if not len(points):
            return self
        mean, _ = self.predict(points)
        return Process(
            np.vstack([self.points, points]), np.append(self.values, mean), self.scales, self.noise
        )

    def predict(self, points: Array) -> tuple[Array, Array]:
        """The mean and the standard deviation expected at `points`, shape (m, d)."""
        lower = _cholesky(self.points, self.scales, self.noise)
        across = _kernel(self.points, points, self.scales)
        half = np.linalg.solve(lower, across)
        mean: Array = half.T @ np.linalg.solve(lower, self.values)
        variance = np.maximum(1 - np.sum(half**2, axis=0), 1e-12)
        return mean, np.sqrt(variance)

    def expected_improvement(self, points: Array, best: float) -> Array:
        """By how much each point is expected to be below `best`."""
        mean, deviation = self.predict(points)
        gain = best - mean
        z = gain / deviation
        density = np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
        below = np.array([0.5 * math.erfc(-each / math.sqrt(2)) for each in z])
        expected: Array = gain * below + deviation * density
        return expected


def fit(points: Array, values: Array, random: np.random.Generator) -> Process:
    """The process whose length scales and noise explain the values best."""
    dimensions = points.shape[1]
    low, high = np.log(_SCALES[0]), np.log(_SCALES[1])
    quiet, loud = np.log(_NOISES[0]), np.log(_NOISES[1])
    guesses = random.uniform(
        [low] * dimensions + [quiet], [high] * dimensions + [loud], (_GUESSES, dimensions + 1)
    )
    best, score = guesses[0], -math.inf
    for guess in guesses:
        found = _evidence(points, values, guess)
        if found > score:
            best, score = guess, found
    for step in range(_REFINEMENTS):
        width = 0.6 * (1 - step / _REFINEMENTS) + 0.05
        guess = best + random.normal(0, width, dimensions + 1)
        guess[:-1] = np.clip(guess[:-1], low, high)
        guess[-1] = np.clip(guess[-1], quiet, loud)
        found = _evidence(points, values, guess)
        if found > score:
            best, score = guess, found
    return Process(points, values, np.exp(best[:-1]), float(np.exp(best[-1])))


def _evidence(points: Array, values: Array, logs: Array) -> float:
    """The log of the likelihood of length scales and noise, times their prior."""
    try:
        lower = _cholesky(points, np.exp(logs[:-1]), float(np.exp(logs[-1])))
    except np.linalg.LinAlgError:
        return -math.inf
    half = np.linalg.solve(lower, values)
    likelihood = -0.5 * float(half @ half) - float(np.sum(np.log(np.diag(lower))))
    prior = -0.5 * float(np.sum(((logs[:-1] - math.log(_PRIOR[0])) / _PRIOR[1]) ** 2))
    return likelihood + prior


def _cholesky(points: Array, scales: Array, noise: float) -> Array:
    covariance = _kernel(points, points, scales)
    covariance[np.diag_indices_from(covariance)] += noise + _JITTER
    lower: Array = np.linalg.cholesky(covariance)
    return lower


def _kernel(one: Array, other: Array, scales: Array) -> Array:
    """Matérn 5/2, shape (n, m)."""
    apart = (one[:, None, :] - other[None, :, :]) / scales
    distance = math.sqrt(5) * np.sqrt(np.sum(apart**2, axis=2))
    result: Array = (1 + distance + distance**2 / 3) * np.exp(-distance)
    return result
