"""The engine that needs no Docker: images that labcloud has run as processes of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from labcloud.algorithms.algorithm import IMAGE_VARIABLE
from labcloud.client.environment import with_plugin
from labcloud.containers.access import Access
from labcloud.containers.engine import ContainerSpec, ImageNotAvailable, not_available
from labcloud.containers.images import built_in
from labcloud.containers.lines import Lines, chunks
from labcloud.containers.process.nursery import Child, Nursery
from labcloud.containers.published import hidden, program
from labcloud.containers.published.images import (
    BadContext,
    PublishedImage,
    PublishedImages,
    write_plan,
)
from labcloud.containers.threads import to_the_end
from labcloud.frameworks.images import FrameworkImage
from labcloud.frameworks.table import framework_of
from labcloud.state.claims import SOCKETS, Claim
from labcloud.state.home import REQUIREMENTS

_NO_DOOR = (0, 0)


class ProcessContainer:
    """A worker of the nursery, with its output."""

    def __init__(self, child: Child, socket_path: Path | None = None) -> None:
        self._child = child
        self._socket = socket_path

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def address(self) -> Path:
        assert self._socket is not None, "this container does not serve"
        return self._socket

    async def lines(self) -> AsyncIterator[str]:
        cut = Lines()
        async for chunk in chunks(self._child.output):
            for line in cut.feed(chunk):
                yield line
        for line in cut.end():
            yield line

    def terminate(self) -> None:
        self._child.signal(signal.SIGTERM)

    def kill(self) -> None:
        self._child.signal(signal.SIGKILL)

    async def wait(self) -> int:
        code = await asyncio.shield(self._child.exit_code)
        if self._socket:
            self._socket.unlink(missing_ok=True)
        return code


class ProcessEngine:
    """Built-in algorithms and published build contexts, run by warm workers.

    `state` is a folder that outlives the engine. A nursery that is passed in is not closed. A lazy
    engine loads the algorithms' libraries at the first job. Without `access`, no container calls
    AWS.
    """

    def __init__(
        self,
        state: Path,
        published: PublishedImages | None = None,
        nursery: Nursery | None = None,
        *,
        lazy: bool = False,
        access: Access | None = None,
    ) -> None:
        self._lazy = lazy
        self._access = access
        self._published = published
        self._nursery = nursery or Nursery()
        self._owns_nursery = nursery is None
        # Not in the state directory, which holds a link to it: the kernel takes about 100 bytes of
        # path. Only this user can enter it.
        self._claim = Claim(SOCKETS)
        self._sockets = self._claim.folder
        self._link = state / "sockets"
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(self._sockets)
        self._served = 0
        self._state = state
        self._requirements = state / REQUIREMENTS

    async def start(self) -> None:
        """Starts to load the libraries, so that the first job does not wait for them."""
        if not self._lazy:
            await self._nursery.start()

    def published(self, image: str) -> bool:
        """Whether an image was pushed as a build context."""
        return self._published is not None and image in self._published

    async def holds(self, image: str) -> bool:
        return bool(built_in(image) or framework_of(image) or self.published(image))

    async def train(self, spec: ContainerSpec) -> ProcessContainer:
        entry, arguments, environment = await self._what_to_run(spec, "train")
        return ProcessContainer(await self._nursery.fork(entry, arguments, environment))

    async def process(self, spec: ContainerSpec) -> ProcessContainer:
        entry, arguments, environment = await self._what_to_run(spec, "")
        return ProcessContainer(await self._nursery.fork(entry, arguments, environment))

    async def serve(self, spec: ContainerSpec) -> ProcessContainer:
        entry, arguments, environment = await self._what_to_run(spec, "serve")
        self._served += 1
        path = self._sockets / f"{self._served}.sock"
        # Bound here: a client that connects before the server is up waits instead of failing.
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
            listening.bind(str(path))
            listening.listen(1024)
            child = await self._nursery.fork(entry, arguments, environment, listening)
        return ProcessContainer(child, path)

    async def _what_to_run(
        self, spec: ContainerSpec, word: str
    ) -> tuple[str, list[str], dict[str, str]]:
        """Entry point of the worker, its arguments, and its environment."""
        framework = framework_of(spec.image)
        algorithm = built_in(spec.image)
        if algorithm and not (framework and spec.script):
            entry = algorithm.train if word == "train" else algorithm.serve
            return entry, [str(spec.root)], _environment(spec) | {IMAGE_VARIABLE: spec.image}
        try:
            image: FrameworkImage | PublishedImage
            if framework:
                image = FrameworkImage(framework, spec.image)
            elif self._published and spec.image in self._published:
                image = await to_the_end(self._published.find, spec.image)
            else:
                raise ImageNotAvailable(not_available(spec.image))
            # A framework image has this machine's network.
            spec, door = self._with_access(spec, "train" if framework else word)
            plan, environment = await to_the_end(
                image.prepare, spec, word, self._requirements, door
            )
            if door != _NO_DOOR:
                # Last: what the image says of PYTHONPATH stays.
                environment = with_plugin(environment)
        except BadContext as error:
            raise ImageNotAvailable(f"{spec.image}: {error}") from error
        plan["hidden"] = [str(path) for path in hidden.places(self._state, self._sockets)]
        plan_file = await to_the_end(write_plan, spec, plan)
        entry = "labcloud.containers.published.program:main"
        return entry, [str(spec.root), str(plan_file)], _base_environment(spec) | environment

    def _with_access(self, spec: ContainerSpec, word: str) -> tuple[ContainerSpec, tuple[int, int]]:
        """The container with its way to AWS in its environment, and the door that it needs."""
        if self._access is None or not spec.calls_aws:
            return spec, _NO_DOOR
        outside = self._access.port
        # Where it serves itself, the server's own port may be taken.
        inside = outside + 1 if word == "serve" and outside == program.PORT else outside
        found = self._access.variables(spec.role, spec.environment, port=inside)
        environment = {**spec.environment, **found}
        return dataclasses.replace(spec, environment=environment), (inside, outside)

    async def close(self) -> None:
        if self._owns_nursery:
            await self._nursery.close()
        with contextlib.suppress(OSError):
            self._claim.release()
        self._link.unlink(missing_ok=True)


def _environment(spec: ContainerSpec) -> dict[str, str]:
    """The environment of a container: the variables of its image and of the job only."""
    return _base_environment(spec) | {"PATH": os.defpath, **spec.environment}


def _base_environment(spec: ContainerSpec) -> dict[str, str]:
    return {
        "HOME": str(spec.root / "tmp"),
        "TMPDIR": str(spec.root / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
