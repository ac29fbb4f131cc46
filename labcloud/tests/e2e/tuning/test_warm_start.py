"""A tuning job that starts from what others have found."""

from __future__ import annotations

from typing import Any

import pytest

from ..test_refusals import refusal
from .tunings import Tunings, settings, value

IDENTICAL, TRANSFER = "IdenticalDataAndAlgorithm", "TransferLearning"
SPACE = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "-1", "MaxValue": "1"}]}
STATIC = {"epochs": "1", "note": "a"}


def warm(kind: str, *parents: str) -> dict[str, Any]:
    named = [{"HyperParameterTuningJobName": parent} for parent in parents]
    return {"WarmStartType": kind, "ParentHyperParameterTuningJobs": named}


@pytest.fixture(scope="module")
def parent(tunings: Tunings) -> str:
    """A finished search of twelve jobs; less of x is better."""
    config = settings("loss", SPACE, 12, 3, RandomSeed=2)
    tunings.run("warm-parent", config, tunings.definition(STATIC))
    return "warm-parent"


def test_identical_goes_on_from_the_parent_s_results(
    tunings: Tunings, parent: str, name: str
) -> None:
    """Alone, a search spreads its first jobs out; warm, its first job is where it was best."""
    config = settings("loss", SPACE, 2, 1, Strategy="Bayesian", RandomSeed=5)
    definition = tunings.definition(STATIC)
    job = tunings.run(name, config, definition, WarmStartConfig=warm(IDENTICAL, parent))
    before = min(value(child) for child in tunings.children(parent))
    assert value(tunings.children(name)[0]) < before + 0.1
    tunings.run(f"{name}-cold", config, definition)
    assert value(tunings.children(f"{name}-cold")[0]) > before + 0.1
    assert job["WarmStartConfig"]["WarmStartType"] == IDENTICAL


def test_the_best_overall_may_be_the_parent_s(tunings: Tunings, parent: str, name: str) -> None:
    config = settings("loss", {"ContinuousParameterRanges": [
        {"Name": "x", "MinValue": "0.5", "MaxValue": "1"}]}, 1, 1)  # fmt: skip
    job = tunings.run(name, config, tunings.definition(STATIC),
                      WarmStartConfig=warm(IDENTICAL, parent))  # fmt: skip
    best, overall = job["BestTrainingJob"], job["OverallBestTrainingJob"]
    assert best["TrainingJobName"].startswith(name)
    assert overall["TrainingJobName"] == min(tunings.children(parent), key=value)["TrainingJobName"]
    assert overall["TuningJobName"] == parent
    assert value(overall) < value(best)


def test_transfer_begins_with_what_was_best_and_measures_it_anew(
    tunings: Tunings, parent: str, name: str
) -> None:
    ranges = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "-2", "MaxValue": "1"}]}
    config = settings("loss", ranges, 8, 1, Strategy="Bayesian")
    job = tunings.run(name, config, tunings.definition(STATIC | {"note": "other"}),
                      WarmStartConfig=warm(TRANSFER, parent))  # fmt: skip
    ranked = sorted(tunings.children(parent), key=value)
    first = [child["TunedHyperParameters"] for child in tunings.children(name)[:2]]
    assert [float(each["x"]) for each in first] == pytest.approx(
        [float(child["TunedHyperParameters"]["x"]) for child in ranked[:2]]
    )
    assert "OverallBestTrainingJob" not in job


def test_static_hyperparameters_of_the_parent_can_be_tuned_and_its_tuned_ones_fixed(
    tunings: Tunings, parent: str, name: str
) -> None:
    ranges = {"IntegerParameterRanges": [{"Name": "epochs", "MinValue": "1", "MaxValue": "9"}]}
    config = settings("loss", ranges, 2, 1, Strategy="Bayesian")
    job = tunings.run(name, config, tunings.definition({"x": "0.5", "note": "a"}),
                      WarmStartConfig=warm(TRANSFER, parent))  # fmt: skip
    assert job["HyperParameterTuningJobStatus"] == "Completed"


def test_what_may_not_change_is_refused(tunings: Tunings, parent: str, name: str) -> None:
    def refused(
        kind: str = IDENTICAL, static: dict[str, str] = STATIC, of: str = parent,
        strategy: str = "Bayesian", metric: str = "loss", ranges: Any = SPACE, **changes: Any,
    ) -> str:  # fmt: skip
        code, said = refusal(
            tunings.create, name=name, config=settings(metric, ranges, 1, 1, Strategy=strategy),
            definition=tunings.definition(static, **changes), WarmStartConfig=warm(kind, of),
        )  # fmt: skip
        assert code == ("ResourceNotFound" if of == "nobody" else "ValidationException")
        return said

    assert refused(of="nobody") == (
        "Amazon SageMaker can't find a tuning job called nobody. Type another name."
    )
    assert refused(static={**STATIC, "extra": "1"}) == (
        "The set of tunable plus static HyperParameter names is not the same across current and "
        "parent tuning jobs. Please ensure this set is constant when warm starting. Note that "
        "previously static HyperParameters can be tuned in warm start jobs and vice versa."
    )
    assert refused(Environment={"A": "B"}) == (
        "Only the following fields in TrainingJobDefinition are allowed to change: "
        "[algorithmSpecification, inputDataConfig, outputDataConfig, staticHyperParameters, "
        "roleArn, resourceConfig, stoppingCondition, vpcConfig, enableManagedSpotTraining, "
        "checkpointConfig]."
    )
    assert "is for Bayesian and Random, not for Hyperband" in refused(
        strategy="Hyperband", static={**STATIC, "epochs": "3"}
    )
    assert refused(metric="branin").startswith("The objective must be that of the parent")
    assert "the input data must be that of the parent tuning job" in refused(
        InputDataConfig=tunings.xgboost()["InputDataConfig"]
    )
    integers = {"IntegerParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]}
    assert "its type must not change" in refused(ranges=integers)


def test_a_parent_must_have_ended(tunings: Tunings, sagemaker: Any, name: str) -> None:
    config = settings("loss", SPACE, 1, 1)
    definition = tunings.definition({"waits": "always"})
    tunings.create(f"{name}-p", config, definition)
    started = warm(IDENTICAL, f"{name}-p")
    code, said = refusal(
        tunings.create, name=name, config=config, definition=definition, WarmStartConfig=started
    )
    assert (code, said) == (
        "ValidationException",
        f"The parent tuning job {name}-p is in status InProgress: it must have ended",
    )
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=f"{name}-p")
    assert tunings.ended(f"{name}-p")["HyperParameterTuningJobStatus"] == "Stopped"
