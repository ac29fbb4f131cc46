"""Lab 05's verdict follows the interval, whichever model is better."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

MODULE = Path(__file__).parents[2] / "labs" / "05-tuning" / "comparison.py"


@pytest.fixture(scope="module")
def verdict() -> Callable[[float, float, int], str]:
    spec = importlib.util.spec_from_file_location("comparison", MODULE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[float, float, int], str] = module.verdict
    return found


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.5, -0.1, "the tuned model is better"),
        (0.1, 0.5, "the tuned model is worse"),
        (-0.1, 0.5, "cannot say which model is better"),
        (0.0, 0.5, "cannot say which model is better"),
        (-0.5, 0.0, "cannot say which model is better"),
    ],
)
def test_it_says_who_is_better_only_outside_of_zero(
    verdict: Callable[[float, float, int], str], low: float, high: float, words: str
) -> None:
    said = verdict(low, high, 170)
    assert words in said
    assert "170 test rows" in said
