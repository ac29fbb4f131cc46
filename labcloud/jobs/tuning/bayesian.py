"""The Bayesian strategy: an Optuna sampler that proposes where a Gaussian process hopes for most.

Optuna's own Gaussian process needs PyTorch, which is several gigabytes; its TPE is little better
than chance with the few dozen jobs of a tuning job. This one needs NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from labcloud.jobs.tuning.gaussian import Array, fit

_ANYWHERE = 1000
_NEARBY = 400
# So many of the first points are spread out instead, whatever is known by then.
_FIRST_AT_LEAST = 4
# The process takes time by the cube of its points: of many, the best and the last are enough.
_MOST_POINTS = 150
# Squared, in the unit cube.
_SAME = 1e-18
_COUNT = (TrialState.COMPLETE, TrialState.RUNNING)


class GaussianSampler(BaseSampler):
    """Knows the search space from the start; jobs that still run count as expected to turn out."""

    def __init__(self, space: dict[str, BaseDistribution], seed: int) -> None:
        self._space = dict(sorted(space.items()))
        self._width = sum(_width(each) for each in self._space.values())
        self._seed = seed
        self._alone = RandomSampler(seed)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return self._space

    def sample_independent(
        self, study: Study, trial: FrozenTrial, name: str, distribution: BaseDistribution
    ) -> Any:
        return self._alone.sample_independent(study, trial, name, distribution)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        # A generator for each trial: what is drawn for one does not depend on those before it.
        random = np.random.default_rng([self._seed, trial.number])
        tried = [each for each in study.get_trials(deepcopy=False) if self._has_all(each)]
        trials = [each for each in tried if each.state in _COUNT]
        known = _enough([each for each in trials if each.value is not None], study)
        pending = [each for each in trials if each.state == TrialState.RUNNING]
        drawn = self._snapped(random.random((_ANYWHERE, self._width)))
        first = max(_FIRST_AT_LEAST, len(self._space) + 1)
        if len(known) < 3 or len(known) + len(pending) < first:
            point = _farthest(drawn[:64], self._encode([each.params for each in trials]))
            return self._decode(point)
        values = np.array([float(each.value or 0) for each in known])
        if study.direction == StudyDirection.MAXIMIZE:
            values = -values
        values = _levelled(values)
        process = fit(self._encode([each.params for each in known]), values, random)
        believed = process.with_beliefs(self._encode([each.params for each in pending]))
        near = process.points[np.argsort(values, kind="stable")[:4]]
        candidates = np.vstack([drawn, self._around(near, random)])
        hope = believed.expected_improvement(candidates, float(values.min()))
        # In a corner the process may hope for most where it has been already.
        hope[_distance(candidates, self._encode([each.params for each in tried])) < _SAME] = -1
        return self._decode(candidates[int(np.argmax(hope))])

    def _has_all(self, trial: FrozenTrial) -> bool:
        return self._space.keys() <= trial.params.keys()

    # ---- the unit cube: a dimension for each number, one for each category -------------------

    def _around(self, points: Array, random: np.random.Generator) -> Array:
        """Points near those given."""
        chosen = points[np.arange(_NEARBY) % len(points)]
        widths = 10 ** random.uniform(-2.5, -0.7, (_NEARBY, 1))
        return self._snapped(np.clip(chosen + widths * random.normal(size=chosen.shape), 0, 1))

    def _snapped(self, points: Array) -> Array:
        """The points, moved to where there are values."""
        columns, at = [], 0
        for each in self._space.values():
            part = points[:, at : at + _width(each)]
            at += _width(each)
            columns.append(_snap(each, part))
        return np.hstack(columns)

    def _encode(self, several: Sequence[dict[str, Any]]) -> Array:
        rows = [
            [x for name, each in self._space.items() for x in _place(each, params[name])]
            for params in several
        ]
        return np.array(rows, dtype=float).reshape(len(rows), self._width)

    def _decode(self, point: Array) -> dict[str, Any]:
        found: dict[str, Any] = {}
        at = 0
        for name, each in self._space.items():
            part = point[at : at + _width(each)]
            at += len(part)
            if isinstance(each, CategoricalDistribution):
                found[name] = each.choices[int(np.argmax(part))]
            else:
                found[name] = _at(each, float(part[0]))
        return found


def _enough(known: list[FrozenTrial], study: Study) -> list[FrozenTrial]:
    if len(known) <= _MOST_POINTS:
        return known
    sign = -1 if study.direction == StudyDirection.MAXIMIZE else 1
    best = sorted(known, key=lambda each: sign * float(each.value or 0))[: _MOST_POINTS // 2]
    kept = {each.number for each in [*best, *known[-_MOST_POINTS // 2 :]]}
    return [each for each in known if each.number in kept]


def _levelled(values: Array) -> Array:
    """Standardised, with what is very bad made no worse than that: it says only "not here"."""
    middle = float(np.median(values))
    spread = float(np.median(np.abs(values - middle))) or float(values.std()) or 1.0
    cut = np.minimum(values, middle + 5 * spread)
    levelled: Array = (cut - cut.mean()) / (float(cut.std()) or 1.0)
    return levelled


def _farthest(candidates: Array, taken: Array) -> Array:
    """The candidate that is farthest from all points that are taken."""
    if not len(taken):
        first: Array = candidates[0]
        return first
    chosen: Array = candidates[int(np.argmax(_distance(candidates, taken)))]
    return chosen


def _distance(candidates: Array, taken: Array) -> Array:
    """How far each candidate is from the nearest point that is taken, squared."""
    apart = np.sum((candidates[:, None, :] - taken[None, :, :]) ** 2, axis=2)
    nearest: Array = apart.min(axis=1)
    return nearest


def _width(distribution: BaseDistribution) -> int:
    if isinstance(distribution, CategoricalDistribution):
        return len(distribution.choices)
    return 1


def _place(distribution: BaseDistribution, value: Any) -> list[float]:
    """Where a value lies in the unit cube."""
    if isinstance(distribution, CategoricalDistribution):
        return [float(value == choice) for choice in distribution.choices]
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    low, high, log = distribution.low, distribution.high, distribution.log
    if isinstance(distribution, IntDistribution):
        low, high = low - 0.5, high + 0.5
    if log:
        low, high, value = np.log(low), np.log(high), np.log(value)
    return [float((value - low) / (high - low)) if high > low else 0.5]


def _snap(distribution: BaseDistribution, part: Array) -> Array:
    """Columns of the unit cube, shape (n, width), each row moved to where there is a value."""
    if isinstance(distribution, CategoricalDistribution):
        snapped: Array = np.eye(part.shape[1])[part.argmax(axis=1)]
        return snapped
    if isinstance(distribution, IntDistribution):
        values = [_at(distribution, float(share)) for share in part[:, 0]]
        return np.array([_place(distribution, value) for value in values])
    return part


def _at(distribution: BaseDistribution, share: float) -> Any:
    """The number at a share of the way through a distribution."""
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    low, high, log = distribution.low, distribution.high, distribution.log
    whole = isinstance(distribution, IntDistribution)
    if whole:
        low, high = low - 0.5, high + 0.5
    if log:
        value = float(np.exp(np.log(low) + share * (np.log(high) - np.log(low))))
    else:
        value = low + share * (high - low)
    if whole:
        return int(min(max(round(value), distribution.low), distribution.high))
    return float(min(max(value, distribution.low), distribution.high))
