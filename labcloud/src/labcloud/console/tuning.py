"""A tuning job's search: what it has found, and what each hyperparameter had to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from labcloud.cloud import Cloud
from labcloud.console.charts import Chart, chart
from labcloud.console.kinds import BY_PATH
from labcloud.sagemaker.training.resource import TRAINING_JOB
from labcloud.sagemaker.tuning import children
from labcloud.sagemaker.tuning.objective import best, value_of
from labcloud.state.records import Missing, Record

PATH = "tuning-jobs"
# Fewer say nothing of what matters.
_FEWEST = 4


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

    @property
    def names(self) -> list[str]:
        """The hyperparameters that are searched for."""
        return sorted({name for trial in self.trials for name in trial.parameters})

    @property
    def measured(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.value is not None]


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
    )  # fmt: skip


def cost(cloud: Cloud, record: Record) -> float | None:
    """What its training jobs would have cost on AWS (dollars)."""
    kind, total = BY_PATH["training-jobs"], 0.0
    for child in record[children.FIELD]:
        try:
            training = cloud.records.get(TRAINING_JOB.kind, child["TrainingJobName"])
        except Missing:
            continue
        total += kind.cost(training) or 0.0
    return total


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


def importance(found: Search) -> list[tuple[str, float]]:
    """The share of the objective's variance that each hyperparameter explains: fANOVA.

    See Hutter, Hoos and Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter
    Importance" (2014). Empty where there are too few training jobs. Blocking.
    """
    import optuna

    names = set(found.names)
    for trial in found.measured:
        names &= trial.parameters.keys()
    columns = {name: [trial.parameters[name] for trial in found.measured] for name in names}
    columns = {name: values for name, values in columns.items() if len(set(values)) > 1}
    if len(found.measured) < _FEWEST or not columns:
        return []
    read = {name: _read(values) for name, values in columns.items()}
    distributions = {name: _distribution(values) for name, values in read.items()}
    study = optuna.create_study()
    for place, trial in enumerate(found.measured):
        study.add_trial(
            optuna.trial.create_trial(
                params={name: values[place] for name, values in read.items()},
                distributions=distributions,
                value=trial.value,
            )
        )
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    shares = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return sorted(shares.items(), key=lambda share: -share[1])


def _read(values: list[str]) -> list[Any]:
    try:
        return [float(each) for each in values]
    except ValueError:
        return values


def _distribution(values: list[Any]) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if isinstance(values[0], str):
        return CategoricalDistribution(sorted(set(values)))
    return FloatDistribution(min(values), max(values))
