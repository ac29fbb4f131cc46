"""Two engines as one: which of them runs an image."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING

from labcloud.containers.engine import (
    Container,
    ContainerSpec,
    Engine,
    ImageNotAvailable,
    ModelServer,
    not_available,
)
from labcloud.containers.process.engine import ProcessEngine

if TYPE_CHECKING:
    # Its SDK is loaded where it is used alone.
    from labcloud.containers.docker import DockerEngine


class Choice(StrEnum):
    """Which engines a labcloud uses."""

    # Docker for the daemon's images, processes for the images that labcloud has.
    AUTO = "auto"
    # Docker is not used, even if it answers.
    PROCESS = "process"


class Engines:
    """Runs pushed build contexts as processes, and images of the Docker daemon as containers.

    Every other image runs as a process where it comes built in. `docker` may be missing.
    """

    def __init__(self, process: ProcessEngine, docker: DockerEngine | None) -> None:
        self._process = process
        self._docker = docker
        self._all: list[Engine] = [process, docker] if docker else [process]

    async def start(self) -> None:
        await asyncio.gather(*[engine.start() for engine in self._all])

    async def described(self) -> str:
        """Which engines are in use, as a phrase for `labcloud status`."""
        if self._docker is None:
            return "processes; Docker is left alone"
        reason = await self._docker.look()
        return f"processes; {reason}" if reason else "processes, and Docker for what it holds"

    async def holds(self, image: str) -> bool:
        return await self._holder(image) is not None

    async def train(self, spec: ContainerSpec) -> Container:
        return await (await self._engine_of(spec)).train(spec)

    async def process(self, spec: ContainerSpec) -> Container:
        return await (await self._engine_of(spec)).process(spec)

    async def serve(self, spec: ContainerSpec) -> ModelServer:
        return await (await self._engine_of(spec)).serve(spec)

    async def close(self) -> None:
        await asyncio.gather(*[engine.close() for engine in self._all])

    async def _engine_of(self, spec: ContainerSpec) -> Engine:
        found = await self._holder(spec.image)
        if found is None:
            raise ImageNotAvailable(not_available(spec.image))
        return found

    async def _holder(self, image: str) -> Engine | None:
        # Pushed build contexts first: the daemon may hold an older image of that name.
        if self._process.published(image):
            return self._process
        if self._docker and await self._docker.holds(image):
            return self._docker
        return self._process if await self._process.holds(image) else None
