"""What labcloud must know of a built-in algorithm: the contract that each of them fulfils.

The algorithm itself (its `train` and `serve`) runs in a process of its own. Its declaration is read
by the server, which must not load xgboost or scikit-learn for that: it imports light modules only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Better = Literal["Maximize", "Minimize"]
# The variable that tells an algorithm's process which image it takes the place of.
IMAGE_VARIABLE = "LABCLOUD_IMAGE"


@dataclass(frozen=True)
class Tunable:
    """A hyperparameter that a tuning job may search, with the range or values AWS recommends."""

    name: str
    type: Literal["Integer", "Continuous", "Categorical"]
    low: float = 0.0
    high: float = 0.0
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Image:
    """Images of AWS's whose code an algorithm follows: a repository, and the tags in it.

    `registries` has the account of its registry by region (`labcloud.algorithms.registries`).
    """

    repository: str
    tags: re.Pattern[str]
    registries: Mapping[str, str]


class Algorithm(Protocol):
    """A built-in algorithm, as labcloud offers it in the place of AWS's image."""

    @property
    def name(self) -> str:
        """What AWS calls it, which is the repository of its image today."""
        ...

    @property
    def images(self) -> Sequence[Image]:
        """The images that it takes the place of."""
        ...

    @property
    def shown(self) -> str:
        """The images in a sentence, for example `linear-learner:1`."""
        ...

    @property
    def train(self) -> str:
        """`module:function` of `train(root: Path) -> int`; `root` is /opt/ml."""
        ...

    @property
    def serve(self) -> str:
        """`module:function` of `serve(root: Path, sock: socket) -> int`."""
        ...

    @property
    def preload(self) -> Sequence[str]:
        """The modules that a worker should have loaded before it starts, in this order."""
        ...

    @property
    def metric_definitions(self) -> Sequence[Mapping[str, str]]:
        """Name and Regex of each metric, for log lines as CloudWatch shows them."""
        ...

    @property
    def described_metrics(self) -> Sequence[Mapping[str, str]]:
        """Those of `metric_definitions` that AWS shows in the description of a job."""
        ...

    @property
    def tuning_metrics(self) -> Mapping[str, Better]:
        """The metrics that can be an objective, each with its better direction."""
        ...

    @property
    def tunable(self) -> Mapping[str, Tunable]:
        """The hyperparameters that a tuning job may search, by name."""
        ...

    def check_value(self, name: str, text: str) -> None:
        """Raises an exception that says why a hyperparameter cannot have this value."""
        ...
