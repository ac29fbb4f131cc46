"""Warm workers: a process that has the heavy libraries loaded and forks one child a job.

Importing xgboost, numpy and scikit-learn takes seconds; forking takes milliseconds. This module
is both sides of it. `Nursery` lives in the server's event loop; `python -m
labcloud.containers.nursery FD` is the process that forks. They talk over a socket pair, one JSON
message a line; the child's output pipe and listening socket travel with the request.

The nursery never runs a job in itself: libgomp does not survive a fork after its first parallel
region.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PRELOAD = (
    "numpy",
    "scipy.sparse",
    "xgboost",
    "sklearn.metrics",
    "starlette.applications",
    "uvicorn",
)
_MESSAGE = 1 << 20
_PR_SET_PDEATHSIG = 1


class Child:
    """A forked worker, seen from the server."""

    def __init__(self, pid: int, output: int) -> None:
        self.pid = pid
        self.output = output
        self.exit_code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def signal(self, number: signal.Signals) -> None:
        """To the whole process group; a child that is gone needs none."""
        if not self.exit_code.done():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)


class Nursery:
    """The server's end. Starts its process with the first fork, and again after its death."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._socket: socket.socket | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        # One request at a time: the files that travel with two could not be told apart.
        self._asking = asyncio.Lock()
        self._forked: asyncio.Future[Child] | None = None
        self._children: dict[int, Child] = {}

    async def start(self) -> None:
        """Starts the process where none runs; it warms up by itself."""
        async with self._starting:
            if self._process is not None and self._process.returncode is None:
                return
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            ours.setblocking(False)
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "labcloud.containers.nursery", str(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                env=_base_environment(),
                start_new_session=True,
            )  # fmt: skip
            theirs.close()
            self._socket = ours
            self._reader = asyncio.create_task(self._read(ours, self._process))

    async def fork(
        self,
        entry: str,
        arguments: list[str],
        environment: Mapping[str, str],
        listening: socket.socket | None = None,
    ) -> Child:
        """A child that runs `module:function(*arguments)`; its result is its exit code.

        The function gets the listening socket as keyword `sock` where one is given.
        """
        await self.start()
        assert self._socket is not None
        reading, writing = os.pipe()
        request = {
            "entry": entry,
            "arguments": arguments,
            "environment": dict(environment),
        }
        files = [writing] + ([listening.fileno()] if listening else [])
        try:
            async with self._asking:
                child = await self._ask(json.dumps(request).encode() + b"\n", files)
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        child.output = reading
        return child

    async def _ask(self, request: bytes, files: list[int]) -> Child:
        """Sends one request and waits for its child."""
        assert self._socket is not None
        loop = asyncio.get_running_loop()
        self._forked = loop.create_future()
        sent = socket.send_fds(self._socket, [request[:1]], files)
        await loop.sock_sendall(self._socket, request[sent:])
        return await self._forked

    async def close(self) -> None:
        """Ends the process and, with it, every child."""
        if self._process is None:
            return
        if self._socket:
            self._socket.close()
        if self._reader:
            self._reader.cancel()
        try:
            await asyncio.wait_for(self._process.wait(), timeout=5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _read(self, sock: socket.socket, process: asyncio.subprocess.Process) -> None:
        loop = asyncio.get_running_loop()
        rest = b""
        with contextlib.suppress(ConnectionError):
            while received := await loop.sock_recv(sock, _MESSAGE):
                *messages, rest = (rest + received).split(b"\n")
                for message in messages:
                    self._received(json.loads(message))
        await process.wait()
        sock.close()
        if self._forked and not self._forked.done():
            self._forked.set_exception(RuntimeError("the worker process has died"))
        # The kernel has killed the children with their parent.
        for child in self._children.values():
            child.exit_code.set_result(128 + signal.SIGKILL)
        self._children.clear()

    def _received(self, message: dict[str, int]) -> None:
        if "pid" in message:
            child = self._children[message["pid"]] = Child(message["pid"], -1)
            if self._forked and not self._forked.done():
                # The child itself, not its pid: it may have ended by the time that anyone looks.
                self._forked.set_result(child)
        else:
            ended = self._children.pop(message["ended"], None)
            if ended and not ended.exit_code.done():
                ended.exit_code.set_result(message["code"])


def _base_environment() -> dict[str, str]:
    """What the nursery itself may see: how to find Python's libraries, and no secret."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONUNBUFFERED": "1",
        # One BLAS thread: pools made before a fork do not work after it.
        "OPENBLAS_NUM_THREADS": "1",
    }


# ---- the other process ------------------------------------------------------------------------


def main(descriptor: int) -> int:
    """Forks on request until the server closes its end; then ends every child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # SIGCHLD must interrupt the wait for messages: it is delivered through a pipe.
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    os.set_blocking(wake_read, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    die_with_parent()
    server = socket.socket(fileno=descriptor)
    for name in PRELOAD:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)

    children: set[int] = set()
    message, files = b"", list[int]()
    watched: list[Any] = [server, wake_read]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if wake_read in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake_read, 4096)
        _reap(server, children)
        if server in ready:
            received, new, _, _ = socket.recv_fds(server, _MESSAGE, 2)
            if not received:
                break
            message, files = message + received, files + new
            if message.endswith(b"\n"):
                _fork(server, json.loads(message), files, children)
                message, files = b"", []
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    return 0


def _fork(
    server: socket.socket, request: dict[str, Any], files: list[int], children: set[int]
) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            server.close()
            code = _child(request, files)
        except BaseException:
            traceback.print_exc()
            code = 1
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
            os._exit(code & 0xFF)
    # Both sides do it: the group exists by the time that anyone learns the pid.
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, pid)
    children.add(pid)
    for file in files:
        os.close(file)
    _tell(server, {"pid": pid})


def _child(request: dict[str, Any], files: list[int]) -> int:
    with contextlib.suppress(PermissionError):
        os.setpgid(0, 0)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    die_with_parent()
    os.dup2(files[0], 1)
    os.dup2(files[0], 2)
    os.close(files[0])
    sys.stdout = os.fdopen(1, "w", buffering=1, errors="replace")
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="replace")
    os.environ.clear()
    os.environ.update(request["environment"])
    module, _, function = request["entry"].partition(":")
    call = getattr(importlib.import_module(module), function)
    extra = {"sock": socket.socket(fileno=files[1])} if len(files) > 1 else {}
    try:
        return int(call(*[Path(argument) for argument in request["arguments"]], **extra) or 0)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)


def _reap(server: socket.socket, children: set[int]) -> None:
    while children:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in children:
            children.discard(pid)
            # Whatever it left behind in its group goes with it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(status)
            _tell(server, {"ended": pid, "code": code if code >= 0 else 128 - code})


def _tell(server: socket.socket, message: dict[str, int]) -> None:
    # A server that is gone is noticed where its messages are read.
    with contextlib.suppress(OSError):
        server.sendall(json.dumps(message).encode() + b"\n")


def die_with_parent() -> None:
    """Asks the kernel to kill this process when its parent dies (Linux only; PR_SET_PDEATHSIG)."""
    if sys.platform != "linux":
        return
    before = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != before:
        os._exit(128 + signal.SIGKILL)


if __name__ == "__main__":
    # The children must find this module under its own name.
    from labcloud.containers import nursery

    raise SystemExit(nursery.main(int(sys.argv[1])))
