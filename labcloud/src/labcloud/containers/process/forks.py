"""The process that forks the workers: `python -m labcloud.containers.process.forks DESCRIPTOR`.

It has the heavy libraries loaded, and never runs a job in itself: libgomp does not survive a fork
after its first parallel region. What its children leave behind it adopts and ends, and when the
server goes, however it goes, it ends them all.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

from threadpoolctl import ThreadpoolController

from labcloud.algorithms.table import ALGORITHMS
from labcloud.containers.process.kernel import (
    adopt_orphans,
    die_with_parent,
    end_strays,
    keep_memory,
    kill_strays,
    woken_by_children,
)

PRELOAD = (
    "numpy",
    "starlette.applications",
    "uvicorn",
    *(module for algorithm in ALGORITHMS for module in algorithm.preload),
)
# xgboost imports it if it is installed, for callers that have data frames. No worker has one, and
# the memory of this library makes a fork take twice as long.
NOT_NEEDED = "pandas"
_MESSAGE = 1 << 20


def main(descriptor: int) -> int:
    """Forks on request until the server closes its end; then ends every child."""
    # Only the standard streams and this socket are inherited from the server.
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, 1024)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # SIGCHLD must interrupt the wait for messages.
    wake_read, _ = woken_by_children()
    # Not killed with the server: it sees the server's end of the socket close, and cleans up.
    adopt_orphans()
    server = socket.socket(fileno=descriptor)
    preload()
    # Finding the pools takes longer than setting them, which is left to the children.
    pools = ThreadpoolController()
    _send(server, {"loaded": 1})

    children: set[int] = set()
    message, files = b"", list[int]()
    watched: list[Any] = [server, wake_read]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if wake_read in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake_read, 4096)
        _reap(server, children)
        kill_strays(children)
        if server in ready:
            received, new, _, _ = socket.recv_fds(server, _MESSAGE, 2)
            if not received:
                break
            message, files = message + received, files + new
            if message.endswith(b"\n"):
                _fork(server, json.loads(message), files, children, pools)
                message, files = b"", []
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    end_strays()
    return 0


class _Without:
    """An import hook that comes first, and says that a library is not installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == self._name:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def preload() -> None:
    """Loads what the workers need. Once more, it finds everything loaded."""
    sys.meta_path.insert(0, _Without(NOT_NEEDED))
    for name in PRELOAD:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _fork(
    server: socket.socket,
    request: dict[str, Any],
    files: list[int],
    children: set[int],
    pools: ThreadpoolController,
) -> None:
    try:
        pid = os.fork()
    except OSError as error:
        # No more processes, or no memory: this child alone is not started.
        for file in files:
            os.close(file)
        _send(server, {"failed": error.errno or 0})
        return
    if pid == 0:
        try:
            server.close()
            code = _child(request, files, pools)
        except BaseException:
            traceback.print_exc()
            code = 1
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
            os._exit(code & 0xFF)
    # Parent and child both do it: the group exists before the pid is sent.
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, pid)
    children.add(pid)
    for file in files:
        os.close(file)
    _send(server, {"pid": pid})


def _child(request: dict[str, Any], files: list[int], pools: ThreadpoolController) -> int:
    with contextlib.suppress(PermissionError):
        os.setpgid(0, 0)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    die_with_parent()
    # As the first process of a container does; its orphans go to the process above it.
    adopt_orphans()
    os.dup2(files[0], 1)
    os.dup2(files[0], 2)
    os.close(files[0])
    sys.stdout = os.fdopen(1, "w", buffering=1, errors="replace")
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="replace")
    os.environ.clear()
    os.environ.update(request["environment"])
    threads = request["environment"].get("OMP_NUM_THREADS", "")
    if threads.isdecimal() and int(threads):
        # Libraries that are loaded already have read it then.
        pools.limit(limits=int(threads))
    if len(files) == 1:
        # No socket: this is a job, which ends.
        keep_memory()
    module, _, function = request["entry"].partition(":")
    call = getattr(importlib.import_module(module), function)
    extra = {"sock": socket.socket(fileno=files[1])} if len(files) > 1 else {}
    try:
        return int(call(*[Path(argument) for argument in request["arguments"]], **extra) or 0)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)


def _reap(server: socket.socket, children: set[int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in children:
            children.discard(pid)
            # The processes that it left in its group are killed too.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(status)
            _send(server, {"ended": pid, "code": code if code >= 0 else 128 - code})


def _send(server: socket.socket, message: dict[str, int]) -> None:
    # That the server has ended is noticed where its messages are read.
    with contextlib.suppress(OSError):
        server.sendall(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    # Nothing is left to be done, and taking the libraries down takes longer than all of it.
    os._exit(main(int(sys.argv[1])))
