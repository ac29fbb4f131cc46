"""Every algorithm of the table keeps what its declaration promises."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
import regex

from labcloud.algorithms.algorithm import Algorithm
from labcloud.algorithms.table import ALGORITHMS
from labcloud.containers.engine import not_available

HEAVY = ("xgboost", "sklearn", "scipy", "numpy", "pandas", "pyarrow")
each_algorithm = pytest.mark.parametrize(
    "algorithm", ALGORITHMS, ids=[algorithm.name for algorithm in ALGORITHMS]
)


@each_algorithm
def test_its_programs_can_be_called(algorithm: Algorithm) -> None:
    for entry in (algorithm.train, algorithm.serve):
        module, _, function = entry.partition(":")
        assert callable(getattr(importlib.import_module(module), function))


@each_algorithm
def test_what_it_wants_preloaded_can_be_imported(algorithm: Algorithm) -> None:
    for module in algorithm.preload:
        importlib.import_module(module)


@each_algorithm
def test_each_objective_is_a_metric_that_its_log_has(algorithm: Algorithm) -> None:
    metrics = {each["Name"] for each in algorithm.metric_definitions}
    for name, better in algorithm.tuning_metrics.items():
        data, _, metric = name.partition(":")
        assert {name, f"{data}:{metric}:final"} & metrics
        assert better in ("Maximize", "Minimize")


@each_algorithm
def test_what_is_described_of_its_metrics_is_read(algorithm: Algorithm) -> None:
    for each in algorithm.described_metrics:
        assert each in algorithm.metric_definitions


@each_algorithm
def test_each_expression_finds_one_number(algorithm: Algorithm) -> None:
    for each in algorithm.metric_definitions:
        assert regex.compile(each["Regex"]).groups == 1


@each_algorithm
def test_what_is_recommended_for_tuning_is_allowed(algorithm: Algorithm) -> None:
    assert algorithm.tunable
    for name, tunable in algorithm.tunable.items():
        assert name == tunable.name
        low, high = tunable.low, tunable.high
        ends = (int(low), int(high)) if tunable.type == "Integer" else (low, high)
        for text in tunable.values or map(repr, ends):
            algorithm.check_value(name, text)


@each_algorithm
def test_a_value_that_is_none_is_refused(algorithm: Algorithm) -> None:
    for name in algorithm.tunable:
        with pytest.raises(Exception, match=r"\S"):
            algorithm.check_value(name, "no such value")


@each_algorithm
def test_the_message_for_other_images_names_it(algorithm: Algorithm) -> None:
    assert algorithm.shown in not_available("x")


def test_the_declarations_load_no_heavy_library() -> None:
    """The server reads them; only the process that forks loads what an algorithm computes with."""
    code = (
        "import sys, labcloud.algorithms.table\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
