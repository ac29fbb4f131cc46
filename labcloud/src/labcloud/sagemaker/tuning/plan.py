"""What a tuning job is going to do: its definitions, each with its search, in turns."""

from __future__ import annotations

from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.training import metrics
from labcloud.sagemaker.tuning.children import definitions
from labcloud.sagemaker.tuning.objective import Objective
from labcloud.sagemaker.tuning.ranges import combinations, read_ranges
from labcloud.sagemaker.tuning.search import GRID, RANDOM, Search
from labcloud.sagemaker.tuning.stopping import Rule, rule_of
from labcloud.sagemaker.tuning.warm_start import parents, teach
from labcloud.state.records import Record

# AWS's quota of training jobs for a tuning job, where the request sets no number.
MOST_JOBS = 750
# What a training job takes over from its definition as it is.
_PASSED_ON = (
    "AlgorithmSpecification", "RoleArn", "InputDataConfig", "VpcConfig", "OutputDataConfig",
    "StoppingCondition", "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining", "CheckpointConfig", "RetryStrategy", "Environment",
)  # fmt: skip
# What AWS adds to a definition, and so to each training job.
_OBJECTIVE_HYPERPARAMETER = "_tuning_objective_metric"
_OBJECTIVE_METRIC = "ObjectiveMetric"


class Definition:
    """One training job definition, with what it aims at and how it is searched."""

    def __init__(self, given: dict[str, Any], config: dict[str, Any]) -> None:
        self.given = given
        self.name: str | None = given.get("DefinitionName")
        self.ranges = read_ranges(ranges_of(given, config))
        self.objective = Objective.read(objective_of(given, config))
        self.static: dict[str, str] = given.get("StaticHyperParameters", {})
        self.rule: Rule | None = rule_of(config, self.static)
        self.search: Search

    def request(self, name: str, tuned: dict[str, str]) -> dict[str, Any]:
        """The CreateTrainingJob request of one training job."""
        completed = complete(self.given, self.objective)
        own = {}
        if config := completed.get("CheckpointConfig"):
            # A training job must not go on from the checkpoints of another.
            own = {"CheckpointConfig": config | {"S3Uri": f"{config['S3Uri'].rstrip('/')}/{name}"}}
        return {
            **{member: completed[member] for member in _PASSED_ON if member in completed},
            **own,
            "TrainingJobName": name,
            "ResourceConfig": resources_of(self.given),
            "HyperParameters": {**completed["StaticHyperParameters"], **tuned},
        }


class Plan:
    """The definitions take turns; job numbers start from 1."""

    def __init__(self, cloud: Cloud, record: Record, seed: int) -> None:
        self._config = record["HyperParameterTuningJobConfig"]
        self._seed: int = self._config.get("RandomSeed", seed)
        self._warm_start = record.get("WarmStartConfig", {})
        self._parents = parents(cloud, record)
        self._definitions = [Definition(each, self._config) for each in definitions(record)]
        self.jobs = number_of_jobs(self._config, [each.ranges for each in self._definitions])
        # A grid is gone through from its beginning to its end, one definition after the other.
        self._turns = self._definitions
        if self._config["Strategy"] == GRID:
            self._turns = [
                each for each in self._definitions for _ in range(int(combinations(each.ranges)))
            ]
        # Whether what comes next depends on results.
        self.in_order = (
            self._config["Strategy"] not in (RANDOM, GRID)
            or "TuningJobCompletionCriteria" in self._config
            or any(each.rule for each in self._definitions)
        )

    def prepare(self) -> None:
        """Makes the searches. Blocking."""
        for place, each in enumerate(self._definitions):
            each.search = Search(
                self._config["Strategy"],
                each.ranges,
                self._seed + place,
                maximize=each.objective.maximize,
            )
            if self._parents:
                teach(each.search, self._parents, self._warm_start, each.objective, self.jobs)

    def definition(self, number: int) -> Definition:
        """Whose turn the job of this number is."""
        return self._turns[(number - 1) % len(self._turns)]


def complete(given: dict[str, Any], objective: Objective) -> dict[str, Any]:
    """A definition with what AWS adds to it: the objective, as a hyperparameter and as a metric."""
    algorithm = given["AlgorithmSpecification"]
    own = algorithm.get("MetricDefinitions", [])
    aims = [
        {"Name": _OBJECTIVE_METRIC, "Regex": each["Regex"]}
        for each in metrics.definitions(given)
        if each["Name"] == objective.metric
    ]
    return given | {
        "StaticHyperParameters": {
            _OBJECTIVE_HYPERPARAMETER: objective.metric,
            **given.get("StaticHyperParameters", {}),
        },
        "AlgorithmSpecification": algorithm | {"MetricDefinitions": [*own, *aims]},
    }


def ranges_of(given: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The ParameterRanges of a definition: its own, or those of the job's only one."""
    found: dict[str, Any] = given.get("HyperParameterRanges") or config.get("ParameterRanges", {})
    return found


def objective_of(given: dict[str, Any], config: dict[str, Any]) -> dict[str, str]:
    """The objective of a definition: its own, or that of the job's only one."""
    found: dict[str, str] = given.get("TuningObjective") or config.get(
        "HyperParameterTuningJobObjective", {}
    )
    return found


def resources_of(given: dict[str, Any]) -> dict[str, Any]:
    """The ResourceConfig of a definition; of several kinds of instances the preferred one."""
    if "HyperParameterTuningResourceConfig" not in given:
        found: dict[str, Any] = given.get("ResourceConfig", {})
        return found
    flexible = given["HyperParameterTuningResourceConfig"]
    chosen = flexible["InstanceConfigs"][0] if "InstanceConfigs" in flexible else {}
    members = ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")
    both = flexible | chosen
    return {member: both[member] for member in members if member in both}


def number_of_jobs(config: dict[str, Any], ranges: list[Any]) -> int:
    """How many training jobs there will be at most."""
    limit: int | None = config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
    if config["Strategy"] == GRID:
        return int(sum(combinations(each) for each in ranges))
    return limit if limit is not None else MOST_JOBS
