"""Algorithms that tests put beside the built-in ones: the modules of labcloud_support.fakes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from unittest.mock import patch

from moto.moto_api._internal.models import moto_api_backend

from labcloud.algorithms.algorithm import Better, Image, Tunable
from labcloud.containers import images

_ACCOUNT = "123456789012"


@contextlib.contextmanager
def fake_image(name: str) -> Iterator[str]:
    """Gives every engine the image of a fake, and afterwards empties moto's account."""
    with patch.dict(images.BUILT_IN, {name: FakeAlgorithm(name)}):
        yield f"{_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{name}:1"
    moto_api_backend.reset()


class FakeAlgorithm:
    """An image `NAME:1`, whose programs are the modules fakes.NAME.train and fakes.NAME.serve."""

    preload: Sequence[str] = ()
    metric_definitions: Sequence[Mapping[str, str]] = ()
    described_metrics: Sequence[Mapping[str, str]] = ()
    tuning_metrics: Mapping[str, Better] = {}
    tunable: Mapping[str, Tunable] = {}

    def __init__(self, name: str, repository: str = "") -> None:
        self.name = name
        self.images = (Image(repository or name, re.compile("1"), {"us-east-1": _ACCOUNT}),)
        self.shown = f"{name}:1"
        self.train = f"labcloud_support.fakes.{name}.train:main"
        self.serve = f"labcloud_support.fakes.{name}.serve:main"

    def check_value(self, name: str, text: str) -> None:
        """Every value is allowed."""
