"""The Bayesian strategy: an Optuna sampler that proposes where a Gaussian process hopes for most.

Optuna's own Gaussian process needs PyTorch, which is several gigabytes; its TPE is little better
than chance with the few dozen jobs of a tuning job. This one needs NumPy.
"""

from __future__ import annotations

import math
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
from threadpoolctl import ThreadpoolController

from labcloud.sagemaker.tuning.gaussian import Array, fit

_POOLS = ThreadpoolController()
_ANYWHERE = 1000
_NEARBY = 400
# The first points, this many, are spread out evenly instead.
_FIRST_AT_LEAST = 4
# The time grows with the cube of the number of points: of many, the best and the last are enough.
_MOST_POINTS = 150
# Two categories are as far from each other as the ends of a range.
_HALF = math.sqrt(0.5)
# Squared, in the unit cube.
_SAME = 1e-18
_COUNT = (TrialState.COMPLETE, TrialState.RUNNING)


class GaussianSampler(BaseSampler):
    """Knows the search space from the start; jobs that still run count as expected to turn out."""

    def __init__(self, space: dict[str, BaseDistribution], seed: int) -> None:
        self._space = dict(sorted(space.items()))
        widths = [_width(each) for each in self._space.values()]
        self._width = sum(widths)
        self._owners = [place for place, width in enumerate(widths) for _ in range(width)]
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
        # BLAS's other threads would spin for a while, on cores that training jobs use.
        with _POOLS.limit(limits=1):
            return self._proposed(study, trial)

    def _proposed(self, study: Study, trial: FrozenTrial) -> dict[str, Any]:
        # Each trial has its own generator: its draws do not depend on earlier trials.
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
        process = fit(self._encode([each.params for each in known]), values, random, self._owners)
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
                number = float(_numbers(each, part)[0])
                found[name] = int(number) if isinstance(each, IntDistribution) else number
        return found


def _enough(known: list[FrozenTrial], study: Study) -> list[FrozenTrial]:
    if len(known) <= _MOST_POINTS:
        return known
    sign = -1 if study.direction == StudyDirection.MAXIMIZE else 1
    best = sorted(known, key=lambda each: sign * float(each.value or 0))[: _MOST_POINTS // 2]
    kept = {each.number for each in [*best, *known[-_MOST_POINTS // 2 :]]}
    return [each for each in known if each.number in kept]


def _levelled(values: Array) -> Array:
    """Standardised. Very bad values are cut off: all they say is "not here"."""
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
        return [_HALF * (value == choice) for choice in distribution.choices]
    return [float(_share(distribution, np.array(float(value))))]


def _snap(distribution: BaseDistribution, part: Array) -> Array:
    """Columns of the unit cube, shape (n, width), each row moved to where there is a value."""
    if isinstance(distribution, CategoricalDistribution):
        snapped: Array = _HALF * np.eye(part.shape[1])[part.argmax(axis=1)]
        return snapped
    if isinstance(distribution, IntDistribution):
        return _share(distribution, _numbers(distribution, part))
    return part


def _share(distribution: BaseDistribution, numbers: Array) -> Array:
    """How far numbers are on their way through a distribution, each from 0 to 1."""
    low, high, log = _ends(distribution)
    if log:
        low, high, numbers = math.log(low), math.log(high), np.log(numbers)
    share: Array = (numbers - low) / (high - low) if high > low else np.full(numbers.shape, 0.5)
    return share


def _numbers(distribution: BaseDistribution, share: Array) -> Array:
    """The numbers at these shares of the way, rounded where they must be whole."""
    low, high, log = _ends(distribution)
    numbers: Array = low * (high / low) ** share if log else low + share * (high - low)
    if isinstance(distribution, IntDistribution):
        numbers = np.rint(numbers)
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    return np.clip(numbers, distribution.low, distribution.high)


def _ends(distribution: BaseDistribution) -> tuple[float, float, bool]:
    """An integer has the whole way from half below it to half above it."""
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    half = 0.5 if isinstance(distribution, IntDistribution) else 0.0
    return distribution.low - half, distribution.high + half, distribution.log
