"""Keeps one process of a function: starts it, watches its memory, ends it with all it has left.

`python -S keeper.py CONTROL RUNTIME`, two descriptors of sockets: on the first the server sends a
plan and its wishes, one JSON message a line, and hears what becomes of them; the second goes on to
the function. When the server's end closes, however it does, everything ends.

A process between the server and the function, because it adopts what the function leaves behind
(kernel.adopt_orphans), and so knows what is the function's.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import types
from pathlib import Path
from typing import Any, NoReturn, TypedDict

if __name__ == "__main__":
    # The package labcloud itself imports what takes longer than the start of a function.
    _package = types.ModuleType("labcloud")
    _package.__path__ = [str(Path(__file__).parents[1])]
    sys.modules["labcloud"] = _package

from labcloud.containers.process.kernel import (
    adopt_orphans,
    die_with_parent,
    end_strays,
    woken_by_children,
)
from labcloud.containers.published import private
from labcloud.functions.inner import Inner
from labcloud.functions.memory import descendants, of_descendants

# How often the memory is looked at while the function works (seconds).
_INTERVAL = 0.1
# By how much it must have grown for the server to hear of it (bytes).
_NEWS = 1 << 20
_MESSAGE = 1 << 20
_FILES = 1024


class Plan(TypedDict):
    """What to run. `places` are what the function sees, by its paths, and where they are."""

    python: str
    handler: str
    environment: dict[str, str]
    places: dict[str, str]
    # An empty folder, and one for what the function needs where there are no namespaces.
    staging: str
    spare: str
    # What of this machine it does not see, and what below that it can read.
    hidden: list[str]
    readable: list[str]
    # What its /tmp may hold, and its memory (bytes).
    storage: int
    memory: int


TASK, RUNTIME, TMP = "/var/task", "/var/runtime", "/tmp"


def main(control: int, runtime: int) -> int:
    """Runs a function's process to its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wake_read, wake_write = woken_by_children()
    adopt_orphans()
    server = socket.socket(fileno=control)
    received = b""
    while b"\n" not in received:
        if not (part := server.recv(_MESSAGE)):
            return 0
        received += part
    line, _, received = received.partition(b"\n")
    plan: Plan = json.loads(line)
    inner = Inner()
    pid = os.fork()
    if pid == 0:
        _become(plan, runtime, inner, (control, wake_read, wake_write))
    os.close(runtime)
    # What the function prints is the function's: its end is to be seen when it has ended.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    kept = _Keeper(server, inner.taken_over(pid), plan["memory"], inner)
    try:
        return kept.run(wake_read, received)
    finally:
        kept.end()


class _Keeper:
    def __init__(self, server: socket.socket, pid: int, memory: int, inner: Inner) -> None:
        self._server = server
        self._pid = pid
        self._inner = inner
        # All below it are the function's.
        self._above = pid if inner.is_there else os.getpid()
        self._memory = memory
        self._most = 0
        self._watching = True

    def run(self, wake: int, received: bytes) -> int:
        watched: list[Any] = [self._server, wake]
        if not self._inner.is_there:
            self._say({"leaves": True})
        while True:
            timeout = _INTERVAL if self._watching else None
            ready, _, _ = select.select(watched, [], [], timeout)
            if wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake, 4096)
            if (code := self._reaped()) is not None:
                return self._ended(code)
            if self._server in ready:
                part = b""
                with contextlib.suppress(ConnectionError):
                    # That is how it ends where the server has not read all that was said.
                    part = self._server.recv(_MESSAGE)
                if not part:
                    self.end()
                    return 0
                *messages, received = (received + part).split(b"\n")
                for message in messages:
                    self._asked(json.loads(message))
            if self._watching and self._measured() > self._memory:
                self.end()
                return self._say({"ended": -signal.SIGKILL, "out_of_memory": True})

    def _asked(self, message: dict[str, Any]) -> None:
        if "watch" in message:
            self._watching = message["watch"]
            self._signal(signal.SIGCONT if self._watching else signal.SIGSTOP)
        if "measure" in message:
            self._measured()
            self._say({"measured": True})

    def _signal(self, number: signal.Signals) -> None:
        """To all that is the function's, also to what is being started meanwhile."""
        done = set[int]()
        while new := descendants(self._above) - done:
            for pid in new:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
            done |= new

    def _measured(self) -> int:
        found = of_descendants(self._above)
        if found > self._most + _NEWS:
            self._most = found
            self._say({"memory": found})
        self._most = max(self._most, found)
        return self._most

    def _reaped(self) -> int | None:
        """The exit code of the function's process, if it has ended. Orphans are reaped, too."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == 0:
                return None
            if pid == self._pid:
                return self._inner.code(status)

    def _ended(self, code: int) -> int:
        self.end()
        return self._say({"ended": code})

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            end_strays()

    def _say(self, message: dict[str, Any]) -> int:
        with contextlib.suppress(OSError):
            self._server.sendall(json.dumps({**message, "most": self._most}).encode() + b"\n")
        return 0


def _become(plan: Plan, runtime: int, inner: Inner, others: tuple[int, ...]) -> NoReturn:
    """Turns this child into the function's interpreter. Does not return."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        die_with_parent()
        for descriptor in others:
            os.close(descriptor)
        environment = dict(plan["environment"])
        task, files = TASK, RUNTIME
        try:
            _enter(plan, inner)
        except private.Forbidden:
            task, files = _in_the_open(plan, environment)
        else:
            private.seal({Path(TMP)})
            private.shed_rights()
        inner.descend(runtime)
        _limit()
        os.chdir(task)
        os.set_inheritable(runtime, True)
        program = [plan["python"], "-S", "-P", f"{files}/start.py", plan["handler"], str(runtime)]
        os.execve(plan["python"], program, environment)
    except BaseException as error:
        os.write(2, f"labcloud could not start this function: {error}\n".encode())
    finally:
        os._exit(1)


def _limit() -> None:
    """As many files as on AWS, of each process."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    least = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (least, least))


def _enter(plan: Plan, inner: Inner) -> None:
    """Moves this process to where it sees its own files, and can write to its /tmp alone."""
    private.enter(
        None,
        {path: Path(place) for path, place in plan["places"].items()},
        Path(plan["staging"]),
        network=True,
        hidden=[Path(path) for path in plan["hidden"]],
        readable=[Path(path) for path in plan["readable"]],
        sizes={Path(TMP): plan["storage"]},
        fork=inner.fork,
    )


def _in_the_open(plan: Plan, environment: dict[str, str]) -> tuple[str, str]:
    """Where its code and the runtime are, on a machine without namespaces."""
    spare = Path(plan["spare"])
    for name in ("runtime", "tmp"):
        (spare / name).mkdir(mode=0o700)
    for path, place in plan["places"].items():
        if path != TASK:
            (spare / "runtime" / Path(path).name).symlink_to(place)
    # Python would take the folder that a link leads to for that of its programs.
    start = spare / "runtime" / "start.py"
    text = start.read_bytes()
    start.unlink()
    start.write_bytes(text)
    task = plan["places"][TASK]
    environment["LAMBDA_TASK_ROOT"] = task
    environment["LAMBDA_RUNTIME_DIR"] = str(spare / "runtime")
    environment["TMPDIR"] = str(spare / "tmp")
    return task, str(spare / "runtime")


if __name__ == "__main__":
    os._exit(main(int(sys.argv[1]), int(sys.argv[2])))
