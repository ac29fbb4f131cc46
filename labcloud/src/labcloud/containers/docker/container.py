"""A container of the Docker daemon, from its start to its removal."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError, ImageNotFound

from labcloud.containers.docker.daemon import Daemon, DockerError
from labcloud.containers.docker.ownership import let_all_read
from labcloud.containers.docker.printed import Printed
from labcloud.containers.docker.settings import PORT, container_settings
from labcloud.containers.engine import CannotStart, ContainerSpec, ImageNotAvailable

logger = logging.getLogger(__name__)

# How long the output of a container may take to arrive after its end (seconds).
_LAST_WORDS = 10.0
# The exit code of a container whose end was not seen.
LOST = 1
# The program that the runtime could not execute, without the chain of messages around it.
_EXECUTED = re.compile(r'exec:? "?.*$', re.DOTALL)


@dataclass(frozen=True)
class Begun:
    """What there is of a container as soon as it runs: its id, its output, its port if it serves.

    The port is 0 where the container had ended before anybody could ask for it.
    """

    id: str
    output: int
    port: int


def begin(client: Any, daemon: Daemon, spec: ContainerSpec, command: str) -> Begun:
    """Starts a container. Blocking. Raises CannotStart, ImageNotAvailable."""
    let_all_read(spec.root)
    container = ""
    output = -1
    try:
        settings = container_settings(client, daemon, spec, command)
        container = client.create_container(**settings)["Id"]
        # Before the start, so that no line is lost.
        asked = {"stdout": 1, "stderr": 1, "stream": 1}
        attached = client.attach_socket(container, params=asked)
        output = os.dup(attached.fileno())
        # The SDK's is a file of a socket that it does not close itself.
        attached._sock.close()
        attached.close()
        client.start(container)
        state = client.inspect_container(container)
        return Begun(container, output, _port(state) if command == "serve" else 0)
    except BaseException as error:
        if output >= 0:
            os.close(output)
        if container:
            with contextlib.suppress(*DockerError):
                client.remove_container(container, force=True, v=True)
        if isinstance(error, ImageNotFound):
            raise ImageNotAvailable(f"Docker does not have the image {spec.image} any more") from (
                error
            )
        if isinstance(error, DockerError):
            raise CannotStart(_why(error)) from error
        raise


def _port(state: dict[str, Any]) -> int:
    published = (state["NetworkSettings"]["Ports"] or {}).get(PORT)
    if published:
        return int(published[0]["HostPort"])
    if state["State"]["Running"]:
        raise CannotStart(
            "the Docker daemon has not published the container's port 8080 on 127.0.0.1: it is "
            "run without networks, or without the right to them"
        )
    return 0


def _why(error: BaseException) -> str:
    said = error.explanation if isinstance(error, APIError) and error.explanation else str(error)
    said = said.decode(errors="replace") if isinstance(said, bytes) else said
    found = _EXECUTED.search(said)
    return (found[0] if found else said).strip().removesuffix(": unknown")


class DockerContainer:
    """A container that runs, seen from the event loop."""

    def __init__(self, client: Any, daemon: Daemon, spec: ContainerSpec, begun: Begun) -> None:
        self.id = begun.id
        self._client = client
        self._daemon = daemon
        self._spec = spec
        self._port = begun.port
        self._printed = Printed(begun.output)
        self._loop = asyncio.get_running_loop()
        self._exit: asyncio.Future[int | None] = self._loop.create_future()
        self._in_thread(self._watch)
        self.finished = asyncio.create_task(self._finish())

    @property
    def address(self) -> int:
        return self._port

    def lines(self) -> AsyncIterator[str]:
        return self._printed.lines()

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit code, once its files are this user's and the container is removed."""
        return await asyncio.shield(self.finished)

    def _signal(self, number: signal.Signals) -> None:
        """Sends a signal to its process 1, as `docker stop` does, unless it has ended."""

        def send() -> None:
            with contextlib.suppress(*DockerError):
                self._client.kill(self.id, signal=number.name)

        if not self._exit.done():
            self._in_thread(send)

    def _in_thread(self, work: Any) -> None:
        # A thread of its own: the loop's pool has few, and these last as long as containers do.
        threading.Thread(target=work, name=f"container-{self.id[:12]}", daemon=True).start()

    def _watch(self) -> None:
        """Waits for the container's end; None if the daemon ended first."""
        code: int | None = None
        try:
            code = self._client.wait(self.id, timeout=None)["StatusCode"]
        except Exception as error:
            logger.warning("lost sight of container %s: %s", self.id[:12], str(error))
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._exit.set_result, code)

    async def _finish(self) -> int:
        code = await self._exit
        memory = await asyncio.to_thread(self._out_of_memory) if code else 0
        await self._printed.ended(_LAST_WORDS)
        self._printed.close(*_notes(code, memory))
        try:
            await asyncio.to_thread(
                self._daemon.remove, self._client, self.id, self._spec.image, self._spec.root
            )
        except DockerError as error:
            # It is removed when the daemon is found again.
            logger.warning("container %s stays: %s", self.id[:12], str(error))
            self._daemon.lost()
        return LOST if code is None else code

    def _out_of_memory(self) -> int:
        """The limit (bytes) for which the kernel has killed it, or 0."""
        try:
            found = self._client.inspect_container(self.id)
        except DockerError:
            return 0
        limit: int = found["HostConfig"]["Memory"]
        return limit if found["State"]["OOMKilled"] else 0


def _notes(code: int | None, memory: int) -> list[str]:
    """What labcloud itself has to say about a container's end."""
    if code is None:
        return ["[labcloud] the container is lost: the Docker daemon does not answer any more"]
    if memory:
        gib = memory / 1024**3
        return [f"[labcloud] a process was killed: out of memory (limit {gib:.3g} GiB)"]
    return []
