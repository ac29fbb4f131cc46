"""Ranges as the API writes them: text in, scaled values, text out, never outside."""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from labcloud.sagemaker.tuning.ranges import combinations, read_ranges
from labcloud.sagemaker.tuning.search import RANDOM, Search


def integer(low: str, high: str, **more: str) -> dict[str, Any]:
    item = {"Name": "x", "MinValue": low, "MaxValue": high, **more}
    return {"IntegerParameterRanges": [item]}


def continuous(low: str, high: str, scaling: str = "Auto") -> dict[str, Any]:
    item = {"Name": "x", "MinValue": low, "MaxValue": high, "ScalingType": scaling}
    return {"ContinuousParameterRanges": [item]}


def drawn(given: dict[str, Any], number: int = 200) -> list[str]:
    """What a random search proposes in these ranges for `x`."""
    search = Search(RANDOM, read_ranges(given), 1, maximize=False)
    return [search.propose(job)["x"] for job in range(1, number + 1)]


def test_integers_are_whole_and_reach_both_ends() -> None:
    assert sorted(set(drawn(integer("-2", "2")))) == ["-1", "-2", "0", "1", "2"]


def test_continuous_values_are_spread_evenly_on_a_linear_scale() -> None:
    values = [float(each) for each in drawn(continuous("10", "20", "Linear"))]
    assert min(values) >= 10 and max(values) <= 20
    assert statistics.median(values) == pytest.approx(15, abs=0.7)


def test_a_logarithmic_scale_has_its_middle_at_the_geometric_mean() -> None:
    values = [float(each) for each in drawn(continuous("0.0001", "1", "Logarithmic"))]
    assert min(values) >= 0.0001 and max(values) <= 1
    assert 0.005 < statistics.median(values) < 0.02


def test_a_reverse_logarithmic_scale_searches_near_one() -> None:
    values = [float(each) for each in drawn(continuous("0.9", "0.9999", "ReverseLogarithmic"))]
    assert min(values) >= 0.9 and max(values) <= 0.9999
    assert 0.995 < statistics.median(values) < 0.998


@pytest.mark.parametrize(("high", "logarithmic"), [("1", True), ("0.5", False)])
def test_auto_is_logarithmic_from_three_decades_on(high: str, logarithmic: bool) -> None:
    middle = statistics.median(float(each) for each in drawn(continuous("0.001", high)))
    assert (middle < 0.1) == logarithmic


def test_auto_is_linear_for_a_range_that_begins_at_zero() -> None:
    middle = statistics.median(float(each) for each in drawn(continuous("0", "1")))
    assert middle == pytest.approx(0.5, abs=0.1)


def test_integers_have_scales_too() -> None:
    values = [int(each) for each in drawn(integer("1", "1000000", ScalingType="Logarithmic"))]
    assert min(values) >= 1 and max(values) <= 1_000_000
    assert 300 < statistics.median(values) < 6000


def test_categories_are_the_texts_that_were_given() -> None:
    given = {"CategoricalParameterRanges": [{"Name": "x", "Values": ["hist", "1", "1.0"]}]}
    assert set(drawn(given)) == {"hist", "1", "1.0"}


def test_a_range_of_one_value_is_that_value() -> None:
    assert set(drawn(continuous("0.5", "0.5"), 3)) == {"0.5"}
    assert set(drawn(integer("3", "3"), 3)) == {"3"}


@pytest.mark.parametrize(
    ("given", "text", "sampled"),
    [
        (integer("1", "9"), "4", 4),
        (integer("1", "9"), "4.5", None),
        (integer("1", "9"), "10", None),
        (integer("1", "9"), "many", None),
        (continuous("0", "1"), "1e-1", 0.1),
        (continuous("0", "1"), "1.1", None),
        (continuous("0", "0.9", "ReverseLogarithmic"), "0.75", 0.25),
        ({"CategoricalParameterRanges": [{"Name": "x", "Values": ["a"]}]}, "a", "a"),
        ({"CategoricalParameterRanges": [{"Name": "x", "Values": ["a"]}]}, "b", None),
    ],
)
def test_values_of_earlier_jobs_count_where_they_lie_in_the_range(
    given: dict[str, Any], text: str, sampled: Any
) -> None:
    (found,) = read_ranges(given)
    assert found.sampled(text) == sampled


def test_text_survives_the_way_through_a_scale() -> None:
    (found,) = read_ranges(continuous("0.1", "0.9", "ReverseLogarithmic"))
    for text in ("0.1", "0.5", "0.9"):
        assert float(found.text(found.sampled(text))) == pytest.approx(float(text), abs=1e-12)


def test_combinations_are_counted() -> None:
    category = {"Name": "y", "Values": ["a", "b", "c"]}
    both = integer("1", "4") | {"CategoricalParameterRanges": [category]}
    assert combinations(read_ranges(both)) == 12
    assert combinations(read_ranges(both | continuous("0", "1"))) == float("inf")
    assert combinations(read_ranges({})) == 1
