"""Servers that need not load their libraries, which takes longer than most tests.

A process of its own has loaded them, and forks a server for each start: `python -m
labcloud_support.template DESCRIPTOR`. From there on everything is as with `labcloud start`, but for
the server's first process that forks workers, which is there already, too.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

from labcloud.client.environment import of_the_server
from labcloud.containers.process import forks, nursery
from labcloud.containers.process.kernel import adopt_orphans
from labcloud_support.spare import Spare

_MESSAGE = 1 << 20
# The services that most tests ask for something.
_MODELS = ("apigatewayv2", "ecr", "iam", "lambda", "logs", "sagemaker", "sts")


class Forked:
    """A server's process, which nobody has to wait for."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(self._pid).wait()


class Template:
    """The process that forks. It ends with this one."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        environment = of_the_server(os.environ) | nursery.base_environment()
        # Before what PYTHONPATH says already: a checkout of labcloud that is not the installed one.
        path = [str(Path(__file__).parents[1]), environment.get("PYTHONPATH", "")]
        environment |= {"PYTHONPATH": os.pathsep.join(filter(None, path))}
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "labcloud_support.template", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        # It ends when the socket does, with this process.
        process.returncode = 0

    def fork(
        self, words: Sequence[str], environment: Mapping[str, str], ready: int, said: IO[str]
    ) -> Forked:
        """A server that is started with the words after `labcloud start --foreground`."""
        request = json.dumps({"words": [*words], "environment": {**environment}}).encode() + b"\n"
        sent = socket.send_fds(self._socket, [request], [ready, said.fileno()])
        self._socket.sendall(request[sent:])
        return Forked(int(self._socket.recv(100)))


@functools.cache
def template() -> Template:
    """One for all starts of this process."""
    return Template()


def main(descriptor: int) -> None:
    """Forks on request until the other end closes the socket."""
    import labcloud.serving  # noqa: F401  what this is for
    from labcloud.sagemaker.protocol import service_model

    forks.preload()
    for service in _MODELS:
        service_model(service)
    # What is there now is the same in each server: its collector need not look at it.
    gc.collect()
    gc.freeze()
    # Nobody waits for the servers, nor for what they leave: the first process of a machine can take
    # seconds to see that an orphan has ended.
    adopt_orphans()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    connection = socket.socket(fileno=descriptor)
    request, files = b"", list[int]()
    while True:
        received, new, _, _ = socket.recv_fds(connection, _MESSAGE, 2)
        if not received:
            return
        request, files = request + received, files + new
        if not request.endswith(b"\n"):
            continue
        pid = os.fork()
        if pid == 0:
            connection.close()
            _serve(json.loads(request), *files)
        for file in files:
            os.close(file)
        connection.sendall(str(pid).encode())
        request, files = b"", []


def _serve(request: dict[str, object], ready: int, said: int) -> None:
    from labcloud.cli import main as labcloud

    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(said, 1)
        os.dup2(said, 2)
        environment, words = request["environment"], request["words"]
        assert isinstance(environment, dict)
        assert isinstance(words, list)
        os.environ.clear()
        os.environ.update(environment)
        Spare(ready).stand_by()
        code = labcloud(["start", "--foreground", "--ready-fd", str(ready), *words])
    finally:
        sys.stdout.flush()
        # Databases are closed when nothing holds them any more.
        gc.collect()
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
