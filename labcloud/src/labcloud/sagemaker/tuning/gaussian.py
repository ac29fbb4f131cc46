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

# Length scales and noise are chosen among seeded guesses and then, ever closer, near the best.
# A search among guesses gives the same answer on every machine, an optimiser's last digits do not.
_GUESSES = 96
_REFINEMENTS = 12
_WIDTHS = (0.6, 0.45, 0.3, 0.15)
_SCALES = (0.08, 4.0)
_NOISES = (1e-6, 1e-1)
# The plausible length scale, and how many factors of e around it.
_PRIOR = (0.5, 0.7)
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


def fit(
    points: Array, values: Array, random: np.random.Generator, owners: list[int] | None = None
) -> Process:
    """The process whose length scales and noise explain the values best.

    `owners` says for each column which length scale it has: the columns of one category share one.
    """
    owners = list(range(points.shape[1])) if owners is None else owners
    dimensions = max(owners) + 1
    lows = np.log([_SCALES[0]] * dimensions + [_NOISES[0]])
    highs = np.log([_SCALES[1]] * dimensions + [_NOISES[1]])
    guesses = random.uniform(lows, highs, (_GUESSES, dimensions + 1))
    best, score = _best(points, values, guesses, owners)
    for width in _WIDTHS:
        steps = random.normal(0, width, (_REFINEMENTS, dimensions + 1))
        found, its = _best(points, values, np.clip(best + steps, lows, highs), owners)
        if its > score:
            best, score = found, its
    return Process(points, values, np.exp(best[owners]), float(np.exp(best[-1])))


def _best(points: Array, values: Array, guesses: Array, owners: list[int]) -> tuple[Array, float]:
    """The best of guesses at the logs of scales and noise, shape (m, d + 1), and its evidence.

    That is the log of the likelihood, times the prior of the scales. All at once: one by one, the
    calls would take longer than what they compute.
    """
    squares = (points[:, None, :] - points[None, :, :]) ** 2
    covariance = _matern(np.moveaxis(squares @ np.exp(-2 * guesses[:, owners]).T, 2, 0))
    each = np.arange(len(points))
    covariance[:, each, each] += np.exp(guesses[:, -1:]) + _JITTER
    lower = np.linalg.cholesky(covariance)
    half = np.linalg.solve(lower, np.broadcast_to(values[:, None], (len(guesses), len(values), 1)))
    likelihood = -0.5 * np.sum(half[:, :, 0] ** 2, axis=1)
    likelihood -= np.sum(np.log(lower[:, each, each]), axis=1)
    usual = math.log(_PRIOR[0] * math.sqrt(guesses.shape[1] - 1))
    apart = (guesses[:, :-1] - usual) / _PRIOR[1]
    evidence = likelihood - 0.5 * np.sum(apart**2, axis=1)
    place = int(np.argmax(evidence))
    return guesses[place], float(evidence[place])


def _cholesky(points: Array, scales: Array, noise: float) -> Array:
    covariance = _kernel(points, points, scales)
    covariance[np.diag_indices_from(covariance)] += noise + _JITTER
    lower: Array = np.linalg.cholesky(covariance)
    return lower


def _kernel(one: Array, other: Array, scales: Array) -> Array:
    """Of points, shapes (n, d) and (m, d), the shape (n, m)."""
    apart = (one[:, None, :] - other[None, :, :]) / scales
    return _matern(np.sum(apart**2, axis=2))


def _matern(squares: Array) -> Array:
    """Matérn 5/2 of squared distances."""
    distance = math.sqrt(5) * np.sqrt(squares)
    result: Array = (1 + distance + distance**2 / 3) * np.exp(-distance)
    return result
