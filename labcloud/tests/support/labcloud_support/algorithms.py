"""Algorithms that tests put beside the built-in ones: the modules of labcloud_support.fakes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from labcloud.algorithms.algorithm import Better, Tunable


class FakeAlgorithm:
    """The image `NAME:1`, whose programs are the modules fakes.NAME.train and fakes.NAME.serve."""

    tags = re.compile("1")
    preload: Sequence[str] = ()
    metric_definitions: Sequence[Mapping[str, str]] = ()
    tuning_metrics: Mapping[str, Better] = {}
    tunable: Mapping[str, Tunable] = {}

    def __init__(self, name: str) -> None:
        self.name = name
        self.shown = f"{name}:1"
        self.train = f"labcloud_support.fakes.{name}.train:main"
        self.serve = f"labcloud_support.fakes.{name}.serve:main"

    def check_value(self, name: str, text: str) -> None:
        """Every value is allowed."""
