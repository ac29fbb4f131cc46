"""The engine: which images the daemon holds, and the containers of this labcloud."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

from docker.errors import APIError

from labcloud.containers.access import Access
from labcloud.containers.docker.container import Begun, DockerContainer, begin
from labcloud.containers.docker.daemon import Daemon, Unreachable
from labcloud.containers.docker.door import Door
from labcloud.containers.engine import ContainerSpec, ImageNotAvailable


class DockerEngine:
    """Runs images of the local daemon. `state` is the state directory that its containers name.

    Without a daemon it has no images; one that is started later is found within seconds. Without
    `access`, no container calls AWS.
    """

    def __init__(self, state: Path, access: Access | None = None) -> None:
        self._daemon = Daemon(state)
        self._door = Door(access) if access else None
        self._running: dict[str, DockerContainer] = {}
        self._starting: set[asyncio.Task[DockerContainer]] = set()

    async def start(self) -> None:
        """Looks for the daemon, and removes the containers that a killed server has left."""
        await self._client()

    @property
    def reason(self) -> str:
        """Why there is no daemon; empty where there is one."""
        return self._daemon.reason

    async def look(self) -> str:
        """Why there is no daemon, looked for at most every five seconds; empty where there is."""
        await self._client()
        return self.reason

    async def holds(self, image: str) -> bool:
        """Whether the daemon holds this image, named as in a request. Asks it each time.

        No daemon holds nothing; it is looked for at most every five seconds.
        """
        if (client := await self._client()) is None:
            return False
        try:
            await asyncio.to_thread(client.inspect_image, image)
        except Unreachable:
            self._daemon.lost()
            # Perhaps it has only been restarted.
            return await self._client() is not None and await self.holds(image)
        except APIError:
            return False
        return True

    async def check(self, image: str) -> None:
        """Raises ImageNotAvailable, which says whether it is the image or the daemon."""
        if not await self.holds(image):
            raise ImageNotAvailable(
                f"labcloud does not have the image {image}: "
                + (self.reason or "the Docker daemon does not hold it. Build it, or docker pull it")
            )

    async def train(self, spec: ContainerSpec) -> DockerContainer:
        return await self._run(spec, "train")

    async def process(self, spec: ContainerSpec) -> DockerContainer:
        return await self._run(spec, "")

    async def serve(self, spec: ContainerSpec) -> DockerContainer:
        return await self._run(spec, "serve")

    async def close(self) -> None:
        """Kills and removes what runs."""
        await asyncio.gather(*self._starting, return_exceptions=True)
        running = list(self._running.values())
        for container in running:
            container.kill()
        await asyncio.gather(*[container.finished for container in running])
        if self._door:
            self._door.close()
        self._daemon.close()

    async def _run(self, spec: ContainerSpec, command: str) -> DockerContainer:
        """Raises ImageNotAvailable, CannotStart."""
        await self.check(spec.image)
        # A container that was requested starts, even if the request has been cancelled.
        starting = asyncio.create_task(self._begin(spec, command))
        self._starting.add(starting)
        starting.add_done_callback(self._starting.discard)
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(_unwanted)
            raise

    async def _begin(self, spec: ContainerSpec, command: str) -> DockerContainer:
        client = await self._client()
        if self._door:
            found = await self._door.variables(client, spec)
            spec = dataclasses.replace(spec, environment={**spec.environment, **found})
        begun: Begun = await asyncio.to_thread(begin, client, self._daemon, spec, command)
        container = self._running[begun.id] = DockerContainer(client, self._daemon, spec, begun)
        container.finished.add_done_callback(lambda _: self._running.pop(begun.id, None))
        return container

    async def _client(self) -> Any:
        return await asyncio.to_thread(self._daemon.api, tuple(self._running))


def _unwanted(started: asyncio.Task[DockerContainer]) -> None:
    if not started.cancelled() and not started.exception():
        started.result().kill()
