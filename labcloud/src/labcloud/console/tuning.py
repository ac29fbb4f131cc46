"""A tuning job's search: what it has found, and what each hyperparameter had to do with it."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from labcloud.cloud import Cloud
from labcloud.console import prices
from labcloud.console.charts import Chart, chart
from labcloud.console.prices import Sum
from labcloud.sagemaker.tuning import children
from labcloud.sagemaker.tuning.objective import best, value_of
from labcloud.sagemaker.tuning.plan import resources_of
from labcloud.state.records import Record

PATH = "tuning-jobs"
_DEFINITION = "TrainingJobDefinitionName"
# Fewer say nothing of what matters.
_FEWEST, _DIFFERENT = 4, 2
# The training jobs on a page, and more than a search can have.
_ROWS, _MOST = 50, 1_000_000


@dataclass(frozen=True)
class Trial:
    """One training job of a search."""

    name: str
    status: str
    value: float | None
    parameters: dict[str, str]
    best: bool


@dataclass(frozen=True)
class Search:
    """A tuning job as its page shows it."""

    metric: str
    maximize: bool
    trials: tuple[Trial, ...]
    counters: dict[str, int]
    best: Trial | None
    charts: tuple[Chart, ...]
    cost: Sum

    @functools.cached_property
    def names(self) -> list[str]:
        """The hyperparameters that are searched for."""
        return sorted({name for trial in self.trials for name in trial.parameters})

    def newest(self, before: str) -> tuple[list[Trial], str]:
        """The training jobs of one page, the newest first, and where the next page begins.

        `before` is where this one does; empty for the first. The second is empty on the last page.
        """
        known = before.isascii() and before.isdecimal() and len(before) < len(str(_MOST))
        begin = int(before) if known else 0
        end = begin + _ROWS
        return list(self.trials[::-1][begin:end]), str(end) if end < len(self.trials) else ""


def search(cloud: Cloud, record: Record) -> Search:
    """The search of a tuning job's record."""
    aim = next(iter(children.objectives(record).values()))
    found = children.all_current(cloud, record)
    chosen = best(found)
    trials = tuple(
        Trial(
            each["TrainingJobName"], each["TrainingJobStatus"], value_of(each),
            each["TunedHyperParameters"], chosen is not None
            and each["TrainingJobName"] == chosen["TrainingJobName"],
        )
        for each in found
    )  # fmt: skip
    charts = [_best_so_far(aim.metric, trials, maximize=aim.maximize)]
    logarithmic = set(_logarithmic(record))
    names = sorted({name for trial in trials for name in trial.parameters})
    charts += [_against(name, aim.metric, trials, name in logarithmic) for name in names]
    return Search(
        aim.metric, aim.maximize, trials,
        children.counters(found)["TrainingJobStatusCounters"],
        next((trial for trial in trials if trial.best), None),
        tuple(each for each in charts if each),
        cost(record, found),
    )  # fmt: skip


def cost(record: Record, found: Iterable[dict[str, Any]]) -> Sum:
    """What training jobs of a tuning job would have cost on AWS, from their summaries.

    They have all that is needed, those of deleted jobs, too: no record is read.
    """
    resources = {
        each.get("DefinitionName"): resources_of(each) for each in children.definitions(record)
    }
    costs = []
    for child in found:
        begun, used = child.get("TrainingStartTime"), resources[child.get(_DEFINITION)]
        if begun is None:
            continue
        # As BillableTimeInSeconds counts.
        seconds = max(1, int(child.get("TrainingEndTime") or time.time()) - int(begun))
        instances = int(used.get("InstanceCount") or 1)
        costs.append((prices.cost(str(used.get("InstanceType")), instances, seconds), 1))
    return prices.summed(costs)


def _best_so_far(metric: str, trials: Sequence[Trial], *, maximize: bool) -> Chart | None:
    values: list[tuple[float, float]] = []
    leading: list[tuple[float, float]] = []
    for number, trial in enumerate(trials, 1):
        if trial.value is None:
            continue
        values.append((float(number), trial.value))
        before = leading[-1][1] if leading else trial.value
        leading.append((float(number), (max if maximize else min)(before, trial.value)))
    series = [("best so far", leading), ("each training job", values)]
    return chart("Best so far", series, "training job", metric)


def _against(name: str, metric: str, trials: Iterable[Trial], logarithmic: bool) -> Chart | None:
    """A hyperparameter's values against the objective."""
    pairs = [
        (trial.parameters[name], trial.value)
        for trial in trials
        if trial.value is not None and name in trial.parameters
    ]
    try:
        points = [(float(given), value) for given, value in pairs]
        categories: list[str] = []
    except ValueError:
        categories = sorted({given for given, _ in pairs})
        points = [(float(categories.index(given)), value) for given, value in pairs]
    return chart(
        f"{metric} by {name}", [(metric, points)], name, metric, dots=True, categories=categories,
        logarithmic=logarithmic and not categories,
    )  # fmt: skip


def _logarithmic(record: Record) -> Iterable[str]:
    """The hyperparameters that are searched on a logarithmic scale."""
    config = record["HyperParameterTuningJobConfig"]
    given = [config.get("ParameterRanges", {})]
    given += [each.get("HyperParameterRanges", {}) for each in children.definitions(record)]
    for ranges in given:
        for kind in ("IntegerParameterRanges", "ContinuousParameterRanges"):
            for each in ranges.get(kind, []):
                if each.get("ScalingType") == "Logarithmic":
                    yield each["Name"]


@dataclass(frozen=True)
class Importance:
    """The shares of hyperparameters, the greatest first; or why nothing can be said of them."""

    shares: list[tuple[str, float]]
    said: str = ""
    # Of so many training jobs.
    trials: int = 0


def importance(found: Search) -> Importance:
    """The share of the objective's variance that each hyperparameter explains: fANOVA.

    See Hutter, Hoos and Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter
    Importance" (2014). Blocking.
    """
    measured = [
        (trial, trial.value)
        for trial in found.trials
        if trial.value is not None and math.isfinite(trial.value)
    ]
    if len(measured) < _FEWEST:
        return Importance([], "There are too few training jobs with a value to tell.")
    if len({value for _, value in measured}) < _DIFFERENT:
        return Importance([], f"{found.metric} has one value in all training jobs.")
    names = set.intersection(*[set(trial.parameters) for trial, _ in measured])
    columns = {name: _read([trial.parameters[name] for trial, _ in measured]) for name in names}
    # What has not varied explains nothing, and one without an end has no distribution.
    columns = {
        name: values for name, values in columns.items()
        if len(set(values)) >= _DIFFERENT
    }  # fmt: skip
    if not columns:
        return Importance([], "No hyperparameter has had two values in these training jobs.")
    try:
        shares = _shares(columns, _scaled([value for _, value in measured]))
    except (RuntimeError, ValueError):
        # fANOVA's trees look at random halves, which may hold one value each.
        return Importance([], f"{found.metric} has varied too little to tell.")
    return Importance(sorted(shares.items(), key=lambda share: -share[1]), "", len(measured))


def _shares(columns: dict[str, list[Any]], values: Sequence[float]) -> dict[str, float]:
    """Raises RuntimeError or ValueError where the values have no variance to be explained."""
    import optuna

    distributions = {name: _distribution(column) for name, column in columns.items()}
    study = optuna.create_study()
    for place, value in enumerate(values):
        study.add_trial(
            optuna.trial.create_trial(
                params={name: column[place] for name, column in columns.items()},
                distributions=distributions,
                value=value,
            )
        )
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    return optuna.importance.get_param_importances(study, evaluator=evaluator)


def _scaled(values: Sequence[float]) -> list[float]:
    """The values between 0 and 1: the shares are the same, and no square of them is too large."""
    # Of the greatest, the difference of two has no end.
    most = max(map(abs, values))
    small = [value / most for value in values]
    span = max(small) - min(small)
    return [(value - min(small)) / span if span else 0.0 for value in small]


def _read(values: list[str]) -> list[Any]:
    """Numbers where all are numbers that have an end."""
    try:
        found = [float(each) for each in values]
    except ValueError:
        return values
    return found if all(map(math.isfinite, found)) else values


def _distribution(values: list[Any]) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if isinstance(values[0], str):
        return CategoricalDistribution(sorted(set(values)))
    return FloatDistribution(min(values), max(values))
