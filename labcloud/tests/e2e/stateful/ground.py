"""What all steps of the machine stand on: a labcloud, what it is given, and its tags."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from labcloud_support.life import ONCE, Life

ARTIFACTS = "artifacts"
# Which one of those that there are.
PICK = st.integers(0, 1 << 16)
WAITER = {"Delay": 1, "MaxAttempts": 2}


@dataclass(frozen=True)
class Material:
    """What the machines work with: training requests, data, a model and what it answers."""

    folders: Callable[[], Path]
    request_of: Callable[..., dict[str, Any]]
    bucket: str
    case: dict[str, Any]
    files: dict[str, str]
    model: bytes


class Cloud(Life):
    """A labcloud with clients that never try again."""

    def begin(self) -> None:
        super().begin()
        self.s3, self.sagemaker, self.runtime = (
            self.client(service, retries=ONCE)
            for service in ("s3", "sagemaker", "sagemaker-runtime")
        )


class Ground(RuleBasedStateMachine):
    """The labcloud, and the tags of everything that SageMaker has."""

    def __init__(self, material: Material) -> None:
        super().__init__()
        self.material = material
        self.numbers = itertools.count()
        self.random = random.Random(0)
        self.tags: dict[str, dict[str, str]] = {}
        self.cloud = Cloud(material.folders())

    @rule(which=PICK, key=st.sampled_from(["colour", "team"]))
    def add_tag(self, which: int, key: str) -> None:
        arns = sorted(self.tags)
        arn, value = arns[which % len(arns)], str(next(self.numbers))
        tags = [{"Key": key, "Value": value}]
        self.cloud.sagemaker.add_tags(ResourceArn=arn, Tags=tags)
        self.tags[arn][key] = value

    @invariant()
    def tags_are_there(self) -> None:
        for arn, expected in self.tags.items():
            found = self.cloud.sagemaker.list_tags(ResourceArn=arn)["Tags"]
            assert {tag["Key"]: tag["Value"] for tag in found} == expected, arn
