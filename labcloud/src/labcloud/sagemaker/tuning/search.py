"""The search of one training job definition: proposes hyperparameters, is told the results.

Everything that it draws comes from its seed, and what it knows from what it was told: told the
same results in the same order, it proposes the same values.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labcloud.sagemaker.tuning.ranges import Categories, Range, combinations

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import Trial

BAYESIAN, RANDOM, GRID, HYPERBAND = "Bayesian", "Random", "Grid", "Hyperband"
# How often a combination that was proposed before is drawn again.
_AGAIN = 50
# Up to this many combinations, an untried one is looked for among all of them.
_FEW = 20_000

Tuned = dict[str, str]


class Search:
    """Blocking: Optuna is imported here, and a proposal may compute for a while."""

    def __init__(self, strategy: str, ranges: list[Range], seed: int, *, maximize: bool) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._ranges = {each.name: each for each in ranges}
        self._space = {each.name: each.distribution() for each in ranges}
        self._grid = itertools.product(*_all_values(ranges)) if strategy == GRID else None
        self._finite = combinations(ranges)
        self._left: list[tuple[str, ...]] | None = None
        self._seen: set[tuple[str, ...]] = set()
        self._running: dict[int, Trial] = {}
        self._seed = seed
        self._study = optuna.create_study(
            direction="maximize" if maximize else "minimize",
            sampler=self._sampler(strategy),
            storage=optuna.storages.InMemoryStorage(),
        )

    def _sampler(self, strategy: str) -> BaseSampler:
        if strategy == BAYESIAN and self._space:
            from labcloud.sagemaker.tuning.bayesian import GaussianSampler

            return GaussianSampler(self._space, self._seed)
        from optuna.samplers import RandomSampler

        return RandomSampler(self._seed)

    def knows(self, tuned: Mapping[str, str], value: float) -> None:
        """A result from before this search; left out where it lies outside the ranges."""
        from optuna.trial import create_trial

        if params := self._sampled(tuned):
            self._study.add_trial(
                create_trial(params=params, distributions=self._space, value=value)
            )

    def begin_with(self, tuned: Mapping[str, str]) -> None:
        """Proposes these values first, if they lie in the ranges."""
        if params := self._sampled(tuned):
            self._study.enqueue_trial(params, skip_if_exists=True)

    def propose(self, job: int) -> Tuned:
        """The hyperparameters of the job of this number, different from all before if there are."""
        if self._grid is not None:
            return dict(zip(self._ranges, next(self._grid), strict=True))
        for _ in range(_AGAIN):
            trial = self._study.ask(self._space)
            tuned = self._texts(trial.params)
            if tuple(tuned.values()) not in self._seen or len(self._seen) >= self._finite:
                break
            self._drop(trial)
        else:
            trial, tuned = self._one_that_is_left(trial, tuned)
        self._seen.add(tuple(tuned.values()))
        self._running[job] = trial
        return tuned

    def tell(self, job: int, value: float | None) -> None:
        """Takes the result of a proposed job; None: the job has no result."""
        from optuna.trial import TrialState

        if trial := self._running.pop(job, None):
            state = TrialState.FAIL if value is None else TrialState.COMPLETE
            self._study.tell(trial, value, state=state)

    def _one_that_is_left(self, trial: Trial, tuned: Tuned) -> tuple[Trial, Tuned]:
        if self._finite > _FEW:
            return self._study.ask(self._space), tuned
        if self._left is None:
            self._left = list(itertools.product(*_all_values(list(self._ranges.values()))))
            random.Random(self._seed).shuffle(self._left)
        chosen = next(each for each in self._left if each not in self._seen)
        tuned = dict(zip(self._ranges, chosen, strict=True))
        self._study.enqueue_trial(self._sampled(tuned) or {})
        return self._study.ask(self._space), tuned

    def _drop(self, trial: Trial) -> None:
        from optuna.trial import TrialState

        self._study.tell(trial, state=TrialState.FAIL)

    def _sampled(self, tuned: Mapping[str, str]) -> dict[str, Any] | None:
        params = {name: each.sampled(tuned.get(name, "")) for name, each in self._ranges.items()}
        return None if None in params.values() else params

    def _texts(self, params: Mapping[str, Any]) -> Tuned:
        return {name: each.text(params[name]) for name, each in self._ranges.items()}


def _all_values(ranges: list[Range]) -> list[list[str]]:
    """The values of each range; only of ranges that have so few that they can be listed."""
    return [
        list(each.values)
        if isinstance(each, Categories)
        else [each.text(value) for value in range(int(each.low), int(each.high) + 1)]
        if each.kind == "Integer"
        else [repr(each.low)]
        for each in ranges
    ]
