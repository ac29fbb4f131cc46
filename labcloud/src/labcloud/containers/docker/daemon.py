"""The Docker daemon of this machine: finds it, notices its loss, and removes old containers.

Everything here blocks and is meant for threads.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, NotFound

from labcloud.containers.contract import ML
from labcloud.containers.docker.ownership import take_back

logger = logging.getLogger(__name__)

# How long a daemon may take to answer a ping, and any other request (seconds).
_HELLO = 5
_ANSWER = 120
# A daemon that was not there is looked for again after this long (seconds).
_PATIENCE = 5.0
# Labels: whose container it is, and of which job or endpoint.
HOME = "labcloud.home"
OWNER = "labcloud.owner"

# The SDK lets those of its HTTP client through.
DockerError = (DockerException, requests.RequestException)
# The daemon did not answer, in contrast to an answer that refuses.
Unreachable = (requests.ConnectionError, requests.Timeout)


class Daemon:
    """The Docker daemon, or the reason why it cannot be used."""

    def __init__(self, home: Path) -> None:
        self.home = str(home.absolute())
        self.reason = "no Docker daemon has been looked for yet"
        self.info: dict[str, Any] = {}
        self._client: Any = None
        self._looked = -_PATIENCE
        self._looking = threading.Lock()

    def api(self, running: Collection[str] = ()) -> Any:
        """The SDK's client; None where no daemon answers, and `reason` says why.

        A daemon that is found for the first time, or again, is rid of the containers of this state
        directory that are not `running`. Looks at most every five seconds.
        """
        with self._looking:
            if self._client is None and time.monotonic() - self._looked >= _PATIENCE:
                self._look(running)
                self._looked = time.monotonic()
            return self._client

    def lost(self) -> None:
        """To be called when it no longer answers: the next call of `client` looks again."""
        with self._looking:
            self._close()
            self._looked = -_PATIENCE

    def close(self) -> None:
        with self._looking:
            self._close()

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _look(self, running: Collection[str]) -> None:
        try:
            client = docker.from_env(timeout=_HELLO).api
        except (*DockerError, OSError, ValueError) as error:
            place = os.environ.get("DOCKER_HOST") or "/var/run/docker.sock"
            self.reason = f"no Docker daemon answers ({place}: {_first_line(error)})"
            return
        if not client.base_url.startswith("http+docker://localhost"):
            client.close()
            # Its /opt/ml would be a folder of another machine.
            self.reason = f"the Docker daemon at {client.base_url} is not reached by a local socket"
            return
        try:
            self.info = client.info()
            client.timeout = _ANSWER
            self._sweep(client, running)
        except DockerError as error:
            client.close()
            self.reason = f"the Docker daemon does not do what it should ({_first_line(error)})"
            return
        self._client, self.reason = client, ""

    def _sweep(self, client: Any, running: Collection[str]) -> None:
        """Removes the containers that a killed server of this state directory has left."""
        label = f"{HOME}={self.home}"
        for found in client.containers(all=True, filters={"label": label}):
            if found["Id"] in running:
                continue
            logger.warning("removing a container that was left: %s", found["Names"])
            self.remove(client, found["Id"], found["Image"], _bound(found))

    def remove(self, client: Any, container: str, image: str, root: Path | None) -> None:
        """Kills a container and removes it with its anonymous volumes.

        What it has written at /opt/ml is this user's afterwards.
        """
        with contextlib.suppress(APIError):
            # It must not run while its files get another owner.
            client.kill(container)
        if root is not None and root.is_dir():
            take_back(client, image, root, self.user, {HOME: self.home})
        with contextlib.suppress(NotFound):
            try:
                client.remove_container(container, force=True, v=True)
            except APIError as error:
                # Another caller is removing it.
                if error.status_code != requests.codes.conflict:
                    raise

    @property
    def remapped(self) -> bool:
        """Whether root in a container is another user outside."""
        return "name=userns" in self.info.get("SecurityOptions", [])

    @property
    def user(self) -> tuple[int, int]:
        """This user and group, as containers count them."""
        if "name=rootless" in self.info.get("SecurityOptions", []):
            return 0, 0
        return os.getuid(), os.getgid()


def _bound(found: dict[str, Any]) -> Path | None:
    """The folder whose folders are bound below a container's /opt/ml."""
    model = f"{ML}/model"
    sources = [m["Source"] for m in found.get("Mounts", []) if m["Destination"] == model]
    return Path(sources[0]).parent if sources else None


def _first_line(error: BaseException) -> str:
    """What went wrong, in the operating system's words where it was that."""
    first = error
    while before := first.__cause__ or first.__context__:
        first = before
    if isinstance(first, OSError) and first.strerror:
        return first.strerror
    return str(error).partition("\n")[0]
