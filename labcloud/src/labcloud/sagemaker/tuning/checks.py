"""What is wrong with a request for a tuning job, beyond what the service model says.

In AWS's words where they are public; the other messages are labcloud's.
"""

from __future__ import annotations

from typing import Any

from labcloud.algorithms.algorithm import Algorithm
from labcloud.cloud import Cloud
from labcloud.containers.images import algorithm_of
from labcloud.sagemaker.errors import ResourceLimitExceeded, ValidationError
from labcloud.sagemaker.states import ENDED
from labcloud.sagemaker.training.checks import check_training_job
from labcloud.sagemaker.tuning.children import definitions, objectives
from labcloud.sagemaker.tuning.plan import MOST_JOBS, objective_of, ranges_of, resources_of
from labcloud.sagemaker.tuning.range_checks import check_ranges
from labcloud.sagemaker.tuning.ranges import Range, combinations, read_ranges
from labcloud.sagemaker.tuning.resource import TUNING_JOB
from labcloud.sagemaker.tuning.search import BAYESIAN, GRID, HYPERBAND, RANDOM
from labcloud.sagemaker.tuning.stopping import RESOURCES, max_resource
from labcloud.sagemaker.tuning.warm_start import IDENTICAL
from labcloud.state.records import Record

# Of Hyperband, in epochs; and of static hyperparameters that a warm start changes.
_MOST_RESOURCE = 20_000
_MOST_CHANGES = 10
# AWS's default quota of jobs at a time, and the limit of metrics and of variables of a tuning job.
_MOST_PARALLEL = 10
_MOST_METRICS = 20
_MOST_VARIABLES = 48
# What may differ between a tuning job and one that starts warm from it (AWS's list), and what may
# not.
_MAY_CHANGE = (
    "algorithmSpecification", "inputDataConfig", "outputDataConfig", "staticHyperParameters",
    "roleArn", "resourceConfig", "stoppingCondition", "vpcConfig", "enableManagedSpotTraining",
    "checkpointConfig",
)  # fmt: skip
_THE_SAME = (
    "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "Environment",
    "RetryStrategy",
)  # fmt: skip


async def check_tuning_job(cloud: Cloud, request: dict[str, Any]) -> None:
    """Raises ValidationError, ResourceNotFound, ResourceLimitExceeded."""
    config = request["HyperParameterTuningJobConfig"]
    _check_definitions(request, config)
    _check_limits(config)
    parallel = config["ResourceLimits"]["MaxParallelTrainingJobs"]
    _check_sums(request)
    for given in definitions(request):
        algorithm = algorithm_of(given)
        await check_training_job(cloud, given | {"ResourceConfig": resources_of(given)}, parallel)
        _check_objective(given, objective_of(given, config), algorithm)
        check_ranges(given, ranges_of(given, config), algorithm)
        _check_strategy(given, config)
    ranges = [read_ranges(ranges_of(given, config)) for given in definitions(request)]
    _check_combinations(config, ranges)
    if "WarmStartConfig" in request:
        _check_warm_start(cloud, request, ranges)


def _check_definitions(request: dict[str, Any], config: dict[str, Any]) -> None:
    if ("TrainingJobDefinition" in request) == ("TrainingJobDefinitions" in request):
        raise ValidationError("Give either TrainingJobDefinition or TrainingJobDefinitions")
    common = ("HyperParameterTuningJobObjective", "ParameterRanges")
    own = ("DefinitionName", "TuningObjective", "HyperParameterRanges")
    several = "TrainingJobDefinitions" in request
    if several and any(member in config for member in common):
        raise ValidationError(
            "With TrainingJobDefinitions, each definition has its own TuningObjective and "
            "HyperParameterRanges: leave HyperParameterTuningJobObjective and ParameterRanges out "
            "of HyperParameterTuningJobConfig"
        )
    names = [given.get("DefinitionName") for given in definitions(request)]
    for given in definitions(request):
        missing = [member for member in own if several and member not in given]
        if missing:
            raise ValidationError(
                f"Each of TrainingJobDefinitions needs {', '.join(own)}; one lacks {missing[0]}"
            )
        if not objective_of(given, config):
            raise ValidationError(
                "HyperParameterTuningJobConfig must have a HyperParameterTuningJobObjective"
            )
    if len(names) != len(set(names)):
        raise ValidationError("DefinitionName must be unique in TrainingJobDefinitions")
    if len({objective_of(given, config)["Type"] for given in definitions(request)}) > 1:
        raise ValidationError(
            "All TrainingJobDefinitions must have a TuningObjective of the same Type, or no one "
            "of their training jobs is the best"
        )


def _check_sums(request: dict[str, Any]) -> None:
    """What must not be too much in all definitions together, and what one must not have twice."""
    variables = sum(len(given.get("Environment", {})) for given in definitions(request))
    if variables > _MOST_VARIABLES:
        raise ValidationError(
            f"The training job definitions must not have more than {_MOST_VARIABLES} environment "
            f"variables in all, and these have {variables}"
        )
    for given in definitions(request):
        metrics = given["AlgorithmSpecification"].get("MetricDefinitions", [])
        if len(metrics) > _MOST_METRICS:
            raise ValidationError(
                f"A tuning job has at most {_MOST_METRICS} metrics, and MetricDefinitions has "
                f"{len(metrics)}"
            )
        flexible = given.get("HyperParameterTuningResourceConfig", {})
        twice = [
            name for name in ("InstanceType", "InstanceCount", "VolumeSizeInGB") if name in flexible
        ]
        if "InstanceConfigs" in flexible and twice:
            raise ValidationError(f"With InstanceConfigs, leave out {', '.join(twice)}")


def _check_limits(config: dict[str, Any]) -> None:
    limits = config["ResourceLimits"]
    most, parallel = limits.get("MaxNumberOfTrainingJobs"), limits["MaxParallelTrainingJobs"]
    if most is not None and parallel > most:
        raise ValidationError(
            f"MaxParallelTrainingJobs, {parallel}, must not be greater than "
            f"MaxNumberOfTrainingJobs, {most}"
        )
    if most is not None and most > MOST_JOBS:
        raise ValidationError(f"MaxNumberOfTrainingJobs, {most}, must not exceed {MOST_JOBS}")
    if parallel > _MOST_PARALLEL:
        raise ResourceLimitExceeded(
            "The account-level service limit 'Number of parallel training jobs per hyperparameter "
            f"tuning job' is {_MOST_PARALLEL}, with a request of {parallel}. Please use AWS "
            "Service Quotas to request an increase for this quota."
        )
    endless = "MaxRuntimeInSeconds" not in limits and "TuningJobCompletionCriteria" not in config
    if most is None and endless and config["Strategy"] != GRID:
        raise ValidationError(
            "Set MaxNumberOfTrainingJobs or MaxRuntimeInSeconds in ResourceLimits, or "
            "TuningJobCompletionCriteria: else the tuning job would have no end"
        )


def _check_objective(
    given: dict[str, Any], objective: dict[str, str], algorithm: Algorithm | None
) -> None:
    own = given["AlgorithmSpecification"].get("MetricDefinitions", [])
    metrics = algorithm.tuning_metrics if algorithm else {}
    name, kind = objective["MetricName"], objective["Type"]
    if not metrics or algorithm is None:
        if name not in [metric["Name"] for metric in own]:
            raise ValidationError(
                "A metric is required for this hyperparameter tuning job objective. Provide a "
                "metric in the metric definitions."
            )
        return
    if name not in metrics:
        raise ValidationError(
            f"The objective metric {name} is not one of the algorithm {algorithm.name}. Choose one "
            f"of [{', '.join(metrics)}]"
        )
    if metrics[name] != kind:
        raise ValidationError(
            f"The objective metric {name} of the algorithm {algorithm.name} is one to "
            f"{metrics[name]}, not to {kind}"
        )


def _check_strategy(given: dict[str, Any], config: dict[str, Any]) -> None:
    strategy = config["Strategy"]
    ranges = ranges_of(given, config)
    if strategy == GRID and any(ranges.get(f"{k}ParameterRanges") for k in _NUMERIC):
        raise ValidationError("The Grid strategy supports CategoricalParameterRanges only")
    if strategy != HYPERBAND:
        if "StrategyConfig" in config:
            raise ValidationError(f"StrategyConfig is for Hyperband, not for {strategy}")
        return
    if config.get("TrainingJobEarlyStoppingType") == "Auto":
        raise ValidationError(
            "TrainingJobEarlyStoppingType must be Off with Hyperband, which stops jobs by itself"
        )
    most = max_resource(config, given.get("StaticHyperParameters", {}))
    hyperband = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    if most is None:
        raise ValidationError(
            "Hyperband needs MaxResource: set it in HyperbandStrategyConfig, or one of "
            f"[{', '.join(RESOURCES)}] in StaticHyperParameters"
        )
    if most > _MOST_RESOURCE:
        raise ValidationError(f"MaxResource, {most}, must not exceed {_MOST_RESOURCE}")
    if hyperband.get("MinResource", 1) > most:
        raise ValidationError(
            f"MinResource, {hyperband['MinResource']}, must not be greater than MaxResource, {most}"
        )


_NUMERIC = ("Integer", "Continuous")


def _check_combinations(config: dict[str, Any], ranges: list[list[Range]]) -> None:
    most = config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
    there_are = sum(combinations(each) for each in ranges)
    if config["Strategy"] == GRID and there_are > MOST_JOBS:
        raise ValidationError(
            f"The grid has {there_are:.0f} combinations, and a tuning job has at most {MOST_JOBS} "
            "training jobs"
        )
    if config["Strategy"] == GRID and most not in (None, there_are):
        raise ValidationError(
            f"With the Grid strategy, MaxNumberOfTrainingJobs must be the number of combinations, "
            f"{there_are:.0f}, or be left out; it is {most}"
        )
    if most is not None and there_are < most:
        raise ValidationError(
            "You don't have enough combinations of hyperparameter ranges. The total number of "
            f"hyperparameter combinations for the provided ranges [{float(there_are)}] must be "
            f"equal or greater than the value of MaxNumberOfJobs, [{most}]. Provide additional "
            "ranges."
        )


def _check_warm_start(cloud: Cloud, request: dict[str, Any], ranges: list[list[Range]]) -> None:
    """The restrictions of "Run a Warm Start Hyperparameter Tuning Job" of the developer guide."""
    strategy = request["HyperParameterTuningJobConfig"]["Strategy"]
    if strategy not in (BAYESIAN, RANDOM):
        raise ValidationError(f"WarmStartConfig is for Bayesian and Random, not for {strategy}")
    if "TrainingJobDefinitions" in request:
        raise ValidationError("labcloud starts warm with one TrainingJobDefinition only")
    warm = request["WarmStartConfig"]
    for parent in warm["ParentHyperParameterTuningJobs"]:
        name = parent.get("HyperParameterTuningJobName", "")
        record = TUNING_JOB.find(cloud, name)
        _check_parent(request, record, ranges[0], warm["WarmStartType"])


def _check_parent(request: dict[str, Any], parent: Record, ranges: list[Range], kind: str) -> None:
    name = parent["HyperParameterTuningJobName"]
    status = parent[TUNING_JOB.status]
    if status not in ENDED:
        raise ValidationError(
            f"The parent tuning job {name} is in status {status}: it must have ended"
        )
    (ours,), (theirs, *others) = definitions(request), definitions(parent)
    if others:
        raise ValidationError(
            f"The parent tuning job {name} has several TrainingJobDefinitions; labcloud starts "
            "warm from jobs with one"
        )
    if objectives(request) and set(objectives(request).values()) != set(
        objectives(parent).values()
    ):
        raise ValidationError(
            f"The objective must be that of the parent tuning job {name}, metric and Type"
        )
    if kind == IDENTICAL:
        for what, one, other in (
            ("training image", *(_image(each) for each in (ours, theirs))),
            ("input data", *(_data(each) for each in (ours, theirs))),
        ):
            if one != other:
                raise ValidationError(
                    f"With IdenticalDataAndAlgorithm, the {what} must be that of the parent tuning "
                    f"job {name}: {other}, not {one}"
                )
    if any((ours.get(each) or None) != (theirs.get(each) or None) for each in _THE_SAME):
        raise ValidationError(
            "Only the following fields in TrainingJobDefinition are allowed to change: "
            f"[{', '.join(_MAY_CHANGE)}]."
        )
    _check_hyperparameters(ours, ranges, theirs, parent)


def _check_hyperparameters(
    ours: dict[str, Any], ranges: list[Range], theirs: dict[str, Any], parent: Record
) -> None:
    name, config = parent["HyperParameterTuningJobName"], parent["HyperParameterTuningJobConfig"]
    static, before = ours.get("StaticHyperParameters", {}), theirs.get("StaticHyperParameters", {})
    tuned = {each.name: each for each in ranges}
    were = {each.name: each for each in read_ranges(ranges_of(theirs, config))}
    if static.keys() | tuned.keys() != before.keys() | were.keys():
        raise ValidationError(
            "The set of tunable plus static HyperParameter names is not the same across current "
            "and parent tuning jobs. Please ensure this set is constant when warm starting. Note "
            "that previously static HyperParameters can be tuned in warm start jobs and vice versa."
        )
    for each in tuned.keys() & were.keys():
        if tuned[each].kind != were[each].kind:
            raise ValidationError(
                f"The hyperparameter {each} is {were[each].kind} in the parent tuning job {name} "
                f"and {tuned[each].kind} here: its type must not change"
            )
    fixed = len(were.keys() & static.keys())
    changed = sum(before[each] != static[each] for each in before.keys() & static.keys())
    if fixed + 2 * changed > _MOST_CHANGES:
        raise ValidationError(
            f"Too many static hyperparameters differ from the parent tuning job {name}: at most "
            f"{_MOST_CHANGES} changes are allowed"
        )


def _image(definition: dict[str, Any]) -> str:
    found: str = definition["AlgorithmSpecification"].get("TrainingImage", "")
    return found


def _data(definition: dict[str, Any]) -> list[str]:
    return sorted(
        channel["DataSource"].get("S3DataSource", {}).get("S3Uri", "")
        for channel in definition.get("InputDataConfig", [])
    )
