"""What an engine is: something that runs an image's `train` and `serve`.

The jobs know only this interface. `process` is the engine that needs no Docker.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from labcloud.algorithms.table import ALGORITHMS
from labcloud.containers.contract import MOUNTED
from labcloud.frameworks.table import FRAMEWORKS, named_framework


class ImageNotAvailable(Exception):
    """No engine has this image; the message tells the user what to do."""


def not_available(image: str) -> str:
    """What to do about an image that no engine has."""
    framework = named_framework(image)
    if framework and not framework.is_here:
        return f"labcloud does not have the image {image}. {framework.way_out}"
    here = [each.shown for each in FRAMEWORKS if each.is_here]
    shown = [each.shown for each in ALGORITHMS] + here
    own = ", ".join(dict.fromkeys(shown))
    return (
        f"labcloud does not have the image {image}. It runs AWS's built-in images {own}, build "
        "contexts that were pushed to its ECR under this name, and images of the local Docker "
        "daemon with this name."
    )


class CannotStart(Exception):
    """The image is there, but no container of it starts; the message is the runtime's own.

    Further arguments are what labcloud has to say about it, for the log.
    """

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    @property
    def lines(self) -> list[str]:
        """All that is to be logged."""
        message, *hints = self.args
        return [str(message), *(f"[labcloud] {hint}" for hint in hints)]


@dataclass(frozen=True)
class ContainerSpec:
    """One container to run: `root` is its /opt/ml, `environment` the job's part of what it sees.

    `entrypoint` and `arguments` replace the image's own where they are given. `owner` names the
    job or endpoint that it belongs to (`training-job/NAME`). An engine that can hold it to the
    resources of its `instance_type`, and keep an `isolated` one from the network, does so.
    `folders` are on this machine, by the further paths at which the container sees them. `role` is
    the ARN of the role as which it calls AWS, unless it is isolated; "": it has none.
    """

    image: str
    root: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    owner: str = ""
    instance_type: str = ""
    isolated: bool = False
    folders: Mapping[str, Path] = field(default_factory=dict)
    role: str = ""
    # Folders below /opt/ml, by their paths there, that the container can only read.
    read_only: Mapping[str, Path] = field(default_factory=dict)
    # Whether it runs a script of the user's, and not the algorithm of its image.
    script: bool = False
    # The folders of `root` that SageMaker lays over those of the image.
    mounted: tuple[str, ...] = MOUNTED

    @property
    def calls_aws(self) -> bool:
        """Whether it has credentials. A container that is isolated has none on AWS either."""
        return bool(self.role) and not self.isolated


class Container(Protocol):
    """A running container."""

    def lines(self) -> AsyncIterator[str]:
        """Its output (stdout and stderr), line by line as it arrives, until it ends."""
        ...

    def terminate(self) -> None:
        """Sends SIGTERM to all its processes."""
        ...

    def kill(self) -> None:
        """Sends SIGKILL to all its processes."""
        ...

    async def wait(self) -> int:
        """Its exit code; a death by signal is 128 + the signal, as Docker counts."""
        ...


class ModelServer(Container, Protocol):
    """A container that serves."""

    @property
    def address(self) -> Path | int:
        """Where it answers HTTP: a Unix socket, or a port of 127.0.0.1."""
        ...


class Engine(Protocol):
    """Runs containers. To start one raises ImageNotAvailable and CannotStart."""

    async def start(self) -> None:
        """Prepares the engine; called once, before any other method."""
        ...

    async def train(self, spec: ContainerSpec) -> Container: ...

    async def process(self, spec: ContainerSpec) -> Container:
        """Runs the image's own entrypoint, or that of `spec`, with its arguments and no others."""
        ...

    async def serve(self, spec: ContainerSpec) -> ModelServer: ...

    async def holds(self, image: str) -> bool:
        """Whether there is such an image, without running it."""
        ...

    async def close(self) -> None:
        """Ends everything that runs."""
        ...
