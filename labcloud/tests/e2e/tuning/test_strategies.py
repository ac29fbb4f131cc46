"""The strategies: which points they try, in which order, and the same again for a seed."""

from __future__ import annotations

import statistics

import pytest

from .tunings import UNIT, Tunings, letters, settings


def test_a_grid_covers_each_point_exactly_once(tunings: Tunings, name: str) -> None:
    ranges = {"CategoricalParameterRanges": [
        {"Name": "x", "Values": ["1", "2", "3"]}, {"Name": "c", "Values": ["a", "b"]},
        {"Name": "fixed", "Values": ["only"]},
    ]}  # fmt: skip
    job = tunings.run(
        name, settings("loss", ranges, None, 3, Strategy="Grid"), tunings.definition()
    )
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    points = [(each["x"], each["c"], each["fixed"]) for each in tunings.tuned(name)]
    assert sorted(points) == [(x, c, "only") for x in "123" for c in "ab"]
    assert job["BestTrainingJob"]["TunedHyperParameters"]["x"] == "1"


@pytest.mark.parametrize("strategy", ["Random", "Bayesian"])
def test_a_random_seed_makes_the_same_search_twice(
    tunings: Tunings, name: str, strategy: str
) -> None:
    """With jobs of different length beside each other, and with early stopping."""
    ranges = UNIT | {"IntegerParameterRanges": [{"Name": "epochs", "MinValue": "1",
                                                 "MaxValue": "400"}]}  # fmt: skip
    for which, seed in (("a", 7), ("b", 7), ("c", 8)):
        config = settings("loss", ranges, 9, 3, Strategy=strategy, RandomSeed=seed,
                          TrainingJobEarlyStoppingType="Auto")  # fmt: skip
        tunings.create(f"{name}-{which}", config, tunings.definition())
    for which in "abc":
        assert tunings.ended(f"{name}-{which}")["HyperParameterTuningJobStatus"] == "Completed"
    assert tunings.tuned(f"{name}-a") == tunings.tuned(f"{name}-b")
    assert tunings.tuned(f"{name}-a") != tunings.tuned(f"{name}-c")


def test_without_a_seed_each_search_is_another(tunings: Tunings, name: str) -> None:
    for which in "ab":
        tunings.run(f"{name}-{which}", settings("loss", UNIT, 2), tunings.definition())
    assert tunings.tuned(f"{name}-a") != tunings.tuned(f"{name}-b")


def test_the_scalings_are_those_that_were_asked_for(tunings: Tunings, name: str) -> None:
    wide = {"MinValue": "0.0001", "MaxValue": "0.9999"}
    ranges = {"ContinuousParameterRanges": [
        {"Name": scaling, "ScalingType": scaling, **wide}
        for scaling in ("Auto", "Linear", "Logarithmic", "ReverseLogarithmic")
    ]}  # fmt: skip
    config = settings("loss", ranges, 12, 3, RandomSeed=5)
    tunings.run(name, config, tunings.definition())
    tuned = tunings.tuned(name)
    middle = {each: statistics.median(float(point[each]) for point in tuned) for each in tuned[0]}
    assert middle["Logarithmic"] < 0.1 and middle["Auto"] < 0.1
    assert 0.2 < middle["Linear"] < 0.8
    assert middle["ReverseLogarithmic"] > 0.9


def test_hyperband_stops_the_worse_and_lets_the_best_go_to_the_end(
    tunings: Tunings, name: str
) -> None:
    hyperband = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}
    config = settings("loss", UNIT, 15, 1, Strategy="Hyperband", StrategyConfig=hyperband,
                      RandomSeed=1)  # fmt: skip
    # A job that is not stopped ends after its nine epochs; one that is would wait for ever.
    job = tunings.run(name, config, tunings.definition({"epochs": "9"}))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    counters = job["TrainingJobStatusCounters"]
    assert counters["Stopped"] + counters["Completed"] == 15
    assert counters["Stopped"] >= 2
    assert job["BestTrainingJob"]["TrainingJobStatus"] == "Completed"
    xs: dict[str, list[float]] = {"Stopped": [], "Completed": []}
    for child in tunings.children(name):
        xs[child["TrainingJobStatus"]].append(float(child["TunedHyperParameters"]["x"]))
    assert statistics.mean(xs["Stopped"]) > statistics.mean(xs["Completed"])
    # What was stopped has the value that it had then.
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 15


def test_letters_are_all_tried_before_one_is_tried_again(tunings: Tunings, name: str) -> None:
    tunings.run(name, settings("loss", letters("abcde"), 5), tunings.definition())
    assert sorted(each["c"] for each in tunings.tuned(name)) == list("abcde")
