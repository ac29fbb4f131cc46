"""The importance of hyperparameters where there is little to be said."""

from __future__ import annotations

import pytest

from labcloud.console.prices import Sum
from labcloud.console.tuning import Search, Trial, importance


def search(*trials: tuple[float | None, dict[str, str]]) -> Search:
    found = tuple(
        Trial(f"job-{place}", "Completed", value, parameters, best=False)
        for place, (value, parameters) in enumerate(trials)
    )
    return Search("rmse", False, found, {}, None, (), Sum(0.0))


def eta(value: float | None, eta: str, **more: str) -> tuple[float | None, dict[str, str]]:
    return value, {"eta": eta, **more}


def test_what_varies_is_shared_out() -> None:
    trials = [eta(float(n), f"0.{n}", depth=str(n % 2), seed="7") for n in range(1, 9)]
    found = importance(search(*trials))
    assert [name for name, _ in found.shares] == ["eta", "depth"]
    assert sum(share for _, share in found.shares) == pytest.approx(1)
    assert found.trials == 8


@pytest.mark.parametrize(
    ("trials", "said"),
    [
        ([eta(1.0, f"0.{n}") for n in range(1, 4)], "too few training jobs"),
        ([eta(2.5, f"0.{n}") for n in range(1, 9)], "one value in all training jobs"),
        ([eta(float(n), "0.1") for n in range(8)], "No hyperparameter has had two values"),
        # Two texts, one number.
        ([eta(float(n), ("0.1", "0.10")[n % 2]) for n in range(8)], "No hyperparameter"),
        ([eta(float("nan"), f"0.{n}") for n in range(1, 9)], "too few training jobs"),
        ([eta(float("inf") if n else 1.0, f"0.{n}") for n in range(8)], "too few training jobs"),
        ([eta(float(n), "0.1") for n in range(4)] + [(1.0, {})], "No hyperparameter"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said(
    trials: list[tuple[float | None, dict[str, str]]], said: str
) -> None:
    found = importance(search(*trials))
    assert found.shares == []
    assert said in found.said


@pytest.mark.parametrize(
    "trials",
    [
        # Differences that no tree finds, values that no double squares, numbers without an end.
        [eta(1.0 + 1e-16 * n, f"0.{n}") for n in range(1, 9)],
        [eta(2.0 if n == 3 else 1.0, str(n)) for n in range(4)],
        [eta(1e308 * (-1) ** n, str(n)) for n in range(8)],
        [eta(float(n), ("inf", "nan", "1", "2")[n % 4]) for n in range(8)],
        [eta(float(n), ("auto", "1", "2", "3")[n % 4]) for n in range(8)],
    ],
)
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_odd_values_have_an_answer(trials: list[tuple[float | None, dict[str, str]]]) -> None:
    found = importance(search(*trials))
    assert bool(found.shares) != bool(found.said)


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "\u0663"])
def test_the_first_page_of_a_large_search(before: str) -> None:
    shown, following = search(*[eta(1.0, "0.1")] * 120).newest(before)
    assert (shown[0].name, shown[-1].name, following) == ("job-119", "job-70", "50")


def test_the_last_page_of_a_large_search() -> None:
    shown, following = search(*[eta(1.0, "0.1")] * 120).newest("100")
    assert (shown[0].name, shown[-1].name, following) == ("job-19", "job-0", "")
