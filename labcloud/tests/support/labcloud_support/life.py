"""A labcloud on a state directory of its own, which can be killed and started again."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import psutil
from botocore.config import Config
from botocore.exceptions import ClientError

from labcloud.client import launch
from labcloud.client.environment import pointed_at
from labcloud.state.home import Home

from .template import template

# Why a training job has failed that the server did not outlive.
LOST = "InternalServerError: labcloud stopped while the job was running"
# The hyperparameters of one that takes longer than any test.
SLOW = {"objective": "reg:squarederror", "num_round": "1000000", "max_depth": "1"}
# For clients that do not ask again when they have been refused.
ONCE = {"total_max_attempts": 1}
# What has not come about after this long never will (seconds).
PATIENCE = 120.0
# How services say that there is no such thing: a log, a function, an object.
_NOT_FOUND = ("ResourceNotFoundException", "NoSuchKey", "404")

# One for all lives: it reads the services' models once.
_session = boto3.Session(region_name="us-east-1")


class Life:
    """A labcloud process, and its clients.

    It is forked from one that has loaded its libraries, or, `alone`, an interpreter of its own.
    """

    def __init__(self, folder: Path, *options: str, alone: bool = False) -> None:
        self._begin = None if alone else template().fork
        self.home = Home(folder)
        # Most of them run no job, and none an image of Docker's: the last option of a kind counts.
        self._options = ["--port", "0", "--lazy", "--engine", "process", *options]
        self.begin()

    def begin(self) -> None:
        self.running = launch.start(self.home, self._options, detach=False, begin=self._begin)

    def end(self, *, clean: bool) -> None:
        """Stops or kills the server and waits until nothing that it started is there."""
        family = self.server.children(recursive=True)
        if clean:
            launch.stop(self.home)
        else:
            server = self.server
            server.kill()
            server.wait()
        _, alive = psutil.wait_procs(family, timeout=PATIENCE)
        assert not alive, "processes outlive the server"

    def kill(self) -> None:
        """SIGKILL, and a wait until nothing that it started is there."""
        self.end(clean=False)

    def client(self, service: str, **config: Any) -> Any:
        """A client of the server that runs now; keywords are botocore's settings."""
        environment = pointed_at(self.home, self.running, {})
        return _session.client(
            service,
            endpoint_url=self.running.url,
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            config=Config(**config),
        )

    @property
    def server(self) -> psutil.Process:
        return psutil.Process(self.running.pid)

    def nursery(self) -> psutil.Process | None:
        """The process that forks the workers; it leads a session, they do not."""
        for child in self.server.children():
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                if os.getsid(child.pid) == child.pid:
                    return child
        return None

    def workers(self, *, serving: bool) -> list[psutil.Process]:
        """Model servers, which listen on a socket with a path, or else training containers.

        Each leads a group, as what the nursery runs while it warms up (`lscpu`) does not.
        """
        found = []
        nursery = self.nursery()
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            for child in nursery.children() if nursery else []:
                with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                    paths = [each.laddr for each in child.net_connections("unix")]
                    works = os.getpgid(child.pid) == child.pid
                    if child.status() != psutil.STATUS_ZOMBIE and works and any(paths) == serving:
                        found.append(child)
        return found


@contextlib.contextmanager
def life_with(folder: Path, *options: str, **variables: str) -> Iterator[Life]:
    """A life of its own that these variables are in the environment of."""
    with mock.patch.dict(os.environ, variables):
        life = Life(folder, *options, alone=True)
    try:
        yield life
    finally:
        life.end(clean=True)


def with_modules(folder: Path, modules: dict[str, str]) -> str:
    """Writes modules (names to texts), and returns the PYTHONPATH that finds them first."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))


def eventually(check: Callable[[], Any], what: str) -> Any:
    """The first thing that is true of what `check` finds, within the patience.

    A check may look at what is not there yet, or is gone while it looks: that is waited for, too.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        missing: Exception | None = None
        try:
            if found := check():
                return found
        except (LookupError, FileNotFoundError, ProcessLookupError, psutil.NoSuchProcess) as error:
            missing = error
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOT_FOUND:
                raise
            missing = error
        if time.monotonic() >= deadline:
            raise AssertionError(f"waited in vain until {what}") from missing
        time.sleep(0.01)
