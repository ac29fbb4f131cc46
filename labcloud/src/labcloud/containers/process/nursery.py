"""The server's end of the nursery: asks a separate process to fork a child for each job.

Importing xgboost, numpy and scikit-learn takes seconds; forking takes milliseconds. The process
that forks is in forks.py. They talk over a socket pair, one JSON message a line; the
child's output pipe and listening socket travel with the request.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Protocol

from labcloud.containers.process import looked_after
from labcloud.containers.process.kernel import kill_strays, reap

_MESSAGE = 1 << 20
# How often a fork is requested while the forking process keeps dying.
_ATTEMPTS = 5
# How long a child that is being started is waited for at a time (seconds).
_A_MOMENT = 0.01
# How long the forking process may take to end in order (seconds).
_PATIENCE = 5.0


class NurseryDied(Exception):
    """The forking process ended before it answered."""


class ForkFailed(Exception):
    """The machine gives no other process; those that run go on."""


class Process(Protocol):
    """The forking process, as asyncio shows a child."""

    @property
    def returncode(self) -> int | None: ...

    def kill(self) -> None: ...

    async def wait(self) -> int: ...


async def begin(descriptor: int) -> Process:
    """Starts an interpreter that loads the libraries and listens on the descriptor."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "labcloud.containers.process.forks", str(descriptor),
        pass_fds=[descriptor],
        stdin=asyncio.subprocess.DEVNULL,
        env=base_environment(),
        start_new_session=True,
    )  # fmt: skip


class Child:
    """A forked worker, seen from the server."""

    def __init__(self, pid: int, output: int) -> None:
        self.pid = pid
        self.output = output
        self.exit_code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the whole process group, unless the child has ended."""
        if not self.exit_code.done():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)


class Nursery:
    """Starts the forking process at the first fork, and again if it has died."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._socket: socket.socket | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        # One request at a time: the descriptors of two requests could not be told apart.
        self._asking = asyncio.Lock()
        self._forked: asyncio.Future[Child] | None = None
        self._children: dict[int, Child] = {}
        self._loaded = False

    async def start(self) -> None:
        """Starts the process if it does not run; it loads the libraries by itself."""
        async with self._starting:
            if self._process is not None and self._process.returncode is None:
                return
            if self._reader:
                # The children of the last process are cleaned up before the next one starts.
                await self._reader
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            ours.setblocking(False)
            self._process = await begin(theirs.fileno())
            theirs.close()
            self._loaded = False
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
        reading, writing = os.pipe()
        request = {
            "entry": entry,
            "arguments": arguments,
            "environment": dict(environment),
        }
        message = json.dumps(request).encode() + b"\n"
        files = [writing] + ([os.dup(listening.fileno())] if listening else [])
        # A child that was requested starts, even if the request has been cancelled.
        asking = asyncio.create_task(self._in_turn(message, files))
        try:
            child = await asyncio.shield(asking)
        except BaseException:
            os.close(reading)
            # Who cancels may count on it that nothing runs afterwards.
            undoing = asyncio.create_task(_undo(asking))
            while not undoing.done():
                # It may be cancelled more than once.
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([undoing])
            raise
        child.output = reading
        return child

    async def _in_turn(self, message: bytes, files: list[int]) -> Child:
        try:
            async with self._asking:
                return await self._forked_child(message, files)
        finally:
            for file in files:
                os.close(file)

    async def _forked_child(self, message: bytes, files: list[int]) -> Child:
        """Asks again if the process died before it answered. Raises NurseryDied, OSError."""
        for left in reversed(range(_ATTEMPTS)):
            await self.start()
            try:
                return await self._ask(message, files)
            except (OSError, NurseryDied):
                if not left:
                    raise
                if self._process:
                    await self._process.wait()
        raise AssertionError

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
        if not self._loaded and self._process.returncode is None:
            # It has no children, and would hear of the end only when its libraries are there.
            self._process.kill()
        try:
            await asyncio.wait_for(self._process.wait(), timeout=_PATIENCE)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        if self._process.returncode:
            # It has not waited for its children.
            await self._lost()

    async def _read(self, sock: socket.socket, process: Process) -> None:
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
            self._forked.set_exception(NurseryDied("the process that starts workers has died"))
        await self._lost()

    async def _lost(self) -> None:
        """The process and its children have ended; the processes that those started are left."""
        for child in self._children.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        await _end_strays()
        for child in self._children.values():
            child.exit_code.set_result(128 + signal.SIGKILL)
        self._children.clear()

    def _received(self, message: dict[str, int]) -> None:
        if "loaded" in message:
            self._loaded = True
        elif "failed" in message:
            if self._forked and not self._forked.done():
                why = os.strerror(message["failed"])
                self._forked.set_exception(ForkFailed(f"no process could be started: {why}"))
        elif "pid" in message:
            child = self._children[message["pid"]] = Child(message["pid"], -1)
            if self._forked and not self._forked.done():
                # The child itself, not its pid: it may have ended when the server reads this.
                self._forked.set_result(child)
        else:
            ended = self._children.pop(message["ended"], None)
            if ended and not ended.exit_code.done():
                ended.exit_code.set_result(message["code"])


async def _end_strays() -> None:
    """Ends what this process has adopted, and nothing that it looks after."""
    while True:
        if (known := looked_after.known()) is None:
            await asyncio.sleep(_A_MOMENT)
        elif killed := kill_strays(known):
            await asyncio.to_thread(reap, killed)
        else:
            return


async def _undo(asked: asyncio.Task[Child]) -> None:
    """Ends a child that nobody wants any more, if it starts."""
    try:
        child = await asked
    except Exception:
        return
    child.signal(signal.SIGKILL)
    await asyncio.shield(child.exit_code)


def base_environment() -> dict[str, str]:
    """The nursery's environment: how to find Python's libraries, and no secret."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONUNBUFFERED": "1",
        # One BLAS thread: pools made before a fork do not work after it.
        "OPENBLAS_NUM_THREADS": "1",
        # glibc's memory in large pages, of one heap for all threads: the pages that reading the
        # data takes, given and cleared one by one in each new process, took longer than reading it.
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        "MALLOC_ARENA_MAX": "1",
        # Threads that wait for others sleep. Where jobs share cores, those that spin would keep the
        # others from what they wait for: a tenth of a second becomes seconds.
        "OMP_WAIT_POLICY": "PASSIVE",
    }
