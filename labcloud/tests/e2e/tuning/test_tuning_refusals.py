"""What is wrong with a request for a tuning job is said when it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..test_refusals import refusal
from .tunings import UNIT, Tunings, letters, settings

Refused = Callable[..., str]
Given = dict[str, Any]


def span(kind: str, name: str, low: str, high: str, scaling: str = "Auto") -> Given:
    item = {"Name": name, "MinValue": low, "MaxValue": high, "ScalingType": scaling}
    return {f"{kind}ParameterRanges": [item]}


@pytest.fixture
def refused(tunings: Tunings, name: str) -> Refused:
    """The message with which a search of one's own image is refused."""

    def call(
        ranges: Any = UNIT, metric: str = "loss", jobs: int | None = 2, parallel: int = 1,
        definition: Given | None = None, static: dict[str, str] | None = None,
        more: Given | None = None, **changes: Any,
    ) -> str:  # fmt: skip
        code, said = refusal(
            tunings.create,
            name=name,
            config=settings(metric, ranges, jobs, parallel, **changes),
            definition=definition or tunings.definition(static),
            **(more or {}),
        )
        assert code == "ValidationException"
        return said

    return call


@pytest.fixture
def refused_xgboost(tunings: Tunings, refused: Refused) -> Refused:
    """The same, of the built-in XGBoost."""

    def call(ranges: Given, metric: str = "validation:rmse", **changes: Any) -> str:
        return refused(ranges, metric, definition=tunings.xgboost(), **changes)

    return call


DEPTH = span("Integer", "max_depth", "1", "6")


def test_a_name_has_at_most_32_characters(tunings: Tunings) -> None:
    code, said = refusal(
        tunings.create, name="n" * 33, config=settings("loss", UNIT, 1), definition=None
    )
    assert code == "ValidationException"
    assert f"Value '{'n' * 33}' at 'hyperParameterTuningJobName' failed to satisfy" in said
    assert "Member must have length less than or equal to 32" in said


def test_a_name_is_taken_once(tunings: Tunings, name: str) -> None:
    tunings.run(name, settings("loss", UNIT, 1, 1), tunings.definition())
    assert refusal(
        tunings.create, name=name, config=settings("loss", UNIT, 1, 1),
        definition=tunings.definition(),
    ) == (
        "ResourceInUse",
        f"A hyperparameter tuning job with the name, {name}, already exists. Choose a different "
        "name.",
    )  # fmt: skip


def test_a_metric_that_the_image_does_not_have(refused: Refused) -> None:
    assert refused(metric="accuracy") == (
        "A metric is required for this hyperparameter tuning job objective. Provide a metric in "
        "the metric definitions."
    )


def test_a_metric_that_the_algorithm_does_not_have(
    tunings: Tunings, refused: Refused, refused_xgboost: Refused
) -> None:
    said = refused_xgboost(DEPTH, "validation:happiness")
    assert said.startswith(
        "The objective metric validation:happiness is not one of the algorithm "
        "sagemaker-xgboost. Choose one of [validation:"
    )
    assert "validation:rmse" in said
    assert "is one to Minimize, not to Maximize" in refused_xgboost(
        DEPTH,
        HyperParameterTuningJobObjective={"Type": "Maximize", "MetricName": "validation:rmse"},
    )
    definition = tunings.xgboost()
    definition["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "m", "Regex": "m=(.*)"}]
    assert refused(DEPTH, "validation:rmse", definition=definition) == (
        "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry "
        "the request without specifying metric definitions."
    )


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        (span("Continuous", "x", "1", "0"), "must not be greater than its MaxValue: [1, 0]"),
        (span("Integer", "x", "9", "3"), "must not be greater than its MaxValue: [9, 3]"),
        (span("Integer", "x", "0.5", "3"), "MinValue of the hyperparameter x must be an integer"),
        (span("Continuous", "x", "0", "much"), "MaxValue of the hyperparameter x must be a number"),
        (span("Continuous", "x", "0", "inf"), "MaxValue of the hyperparameter x must be a number"),
        (span("Continuous", "x", "0", "1", "Logarithmic"), "needs values greater than 0: [0, 1]"),
        (span("Continuous", "x", "0", "1", "ReverseLogarithmic"), "within 0 <= x < 1.0: [0, 1]"),
        (span("Integer", "x", "0", "1", "ReverseLogarithmic"), "for continuous hyperparameters"),
        (UNIT | span("Integer", "x", "0", "1"), "x stands twice in ParameterRanges"),
        (letters("aa"), "The values of the hyperparameter c must be different"),
        ({}, "ParameterRanges must name a hyperparameter to tune"),
    ],
)  # fmt: skip
def test_ranges_that_are_none(refused: Refused, ranges: Given, said: str) -> None:
    assert said in refused(ranges)


def test_what_is_tuned_is_not_static(refused: Refused) -> None:
    assert "x is both in StaticHyperParameters and in ParameterRanges" in refused(static={"x": "1"})


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        (span("Integer", "tree_method", "0", "1"),
         "tree_method of the algorithm sagemaker-xgboost is Categorical: it cannot have one of the "
         "IntegerParameterRanges"),
        (span("Continuous", "max_depth", "1", "6"),
         "max_depth of the algorithm sagemaker-xgboost is Integer: it cannot have one of the "
         "ContinuousParameterRanges"),
        (span("Continuous", "eta", "0.1", "1.5"),
         "eta of the algorithm sagemaker-xgboost cannot be 1.5"),
        ({"CategoricalParameterRanges": [{"Name": "tree_method", "Values": ["hist", "oak"]}]},
         "tree_method of the algorithm sagemaker-xgboost cannot be oak"),
        (span("Continuous", "learning_speed", "0", "1"),
         "The hyperparameter learning_speed of the algorithm sagemaker-xgboost cannot be tuned. "
         "Those that can are [alpha, "),
    ],
)  # fmt: skip
def test_ranges_that_the_algorithm_does_not_take(
    refused_xgboost: Refused, ranges: Given, said: str
) -> None:
    assert said in refused_xgboost(ranges)


def test_more_at_a_time_than_in_all(refused: Refused) -> None:
    assert refused(jobs=2, parallel=3) == (
        "MaxParallelTrainingJobs, 3, must not be greater than MaxNumberOfTrainingJobs, 2"
    )


def test_a_search_must_have_an_end_and_not_too_late(refused: Refused) -> None:
    assert refused(jobs=None).startswith("Set MaxNumberOfTrainingJobs or MaxRuntimeInSeconds")
    assert refused(jobs=751) == "MaxNumberOfTrainingJobs, 751, must not exceed 750"


def test_more_jobs_than_combinations(refused: Refused) -> None:
    assert refused(letters("abc"), jobs=10) == (
        "You don't have enough combinations of hyperparameter ranges. The total number of "
        "hyperparameter combinations for the provided ranges [3.0] must be equal or greater than "
        "the value of MaxNumberOfJobs, [10]. Provide additional ranges."
    )


def test_a_grid_is_of_categories_and_has_the_number_of_its_points(refused: Refused) -> None:
    assert refused(Strategy="Grid") == "The Grid strategy supports CategoricalParameterRanges only"
    assert "must be the number of combinations, 3, or be left out; it is 2" in refused(
        letters("abc"), Strategy="Grid"
    )


def test_what_belongs_to_hyperband_alone(refused: Refused) -> None:
    limits = {"HyperbandStrategyConfig": {"MinResource": 9, "MaxResource": 3}}
    assert refused(StrategyConfig=limits) == "StrategyConfig is for Hyperband, not for Random"
    assert refused(Strategy="Hyperband").startswith("Hyperband needs MaxResource")
    assert refused(Strategy="Hyperband", StrategyConfig=limits) == (
        "MinResource, 9, must not be greater than MaxResource, 3"
    )
    assert refused(
        Strategy="Hyperband", static={"epochs": "9"}, TrainingJobEarlyStoppingType="Auto"
    ).startswith("TrainingJobEarlyStoppingType must be Off with Hyperband")


def test_one_definition_or_several_each_with_its_own(
    tunings: Tunings, refused: Refused, name: str
) -> None:
    one = tunings.definition() | {"DefinitionName": "a"}
    several = {"TrainingJobDefinitions": [one]}
    assert refused(more=several) == "Give either TrainingJobDefinition or TrainingJobDefinitions"

    def call(*definitions: Given, **config: Any) -> str:
        given = settings("loss", None, 1, 1) | config
        if not config:
            del given["HyperParameterTuningJobObjective"]
        _, said = refusal(
            tunings.create, name=name, config=given, definition=None,
            TrainingJobDefinitions=list(definitions),
        )  # fmt: skip
        return said

    full = one | {
        "TuningObjective": {"Type": "Minimize", "MetricName": "loss"}, "HyperParameterRanges": UNIT,
    }  # fmt: skip
    assert call(full, ParameterRanges=UNIT).startswith("With TrainingJobDefinitions, each")
    assert "one lacks TuningObjective" in call(one)
    assert call(full, full) == "DefinitionName must be unique in TrainingJobDefinitions"
    other = {"DefinitionName": "b", "TuningObjective": {"Type": "Maximize", "MetricName": "loss"}}
    assert "must have a TuningObjective of the same Type" in call(full, full | other)


def test_what_is_wrong_with_its_training_jobs_is_said_at_once(
    tunings: Tunings, refused: Refused
) -> None:
    definition = tunings.xgboost()
    source = definition["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source["S3Uri"] = "s3://no-such-bucket/train"
    assert refused(DEPTH, "validation:rmse", definition=definition).startswith(
        'No S3 objects found under S3 URL "s3://no-such-bucket/train"'
    )
    spec = {"TrainingInputMode": "File", "TrainingImage": "somebody/something:1"}
    assert "TrainingImageConfig" in refused(
        definition=tunings.definition(AlgorithmSpecification=spec)
    )


def test_as_many_instances_as_jobs_at_a_time_must_be_there(tunings: Tunings, name: str) -> None:
    resources = {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    code, said = refusal(
        tunings.create, name=name, config=settings("loss", UNIT, 8, 4),
        definition=tunings.definition(ResourceConfig=resources),
    )  # fmt: skip
    assert code == "ResourceLimitExceeded"
    assert "a request delta of 4 Instances" in said


def test_what_labcloud_does_not_have_is_refused_by_name(tunings: Tunings, refused: Refused) -> None:
    assert refused(more={"Autotune": {"Mode": "Enabled"}}).startswith(
        "labcloud does not implement Autotune"
    )
    auto = {"AutoParameters": [{"Name": "x", "ValueHint": "1"}]}
    assert "ParameterRanges.AutoParameters of CreateHyperParameterTuningJob" in refused(auto)
