"""Starts and stops servers as processes of their own, and waits until they answer."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Protocol

from labcloud.client.environment import of_the_server
from labcloud.state import claims
from labcloud.state.home import Home, HomeUnusable, Running

_START_SECONDS = 60.0
_STOP_SECONDS = 40.0
# A stop that takes longer says why.
_QUIET_SECONDS = 3.0
# What a server writes before it answers (bytes), and as much again.
_ROOM = 128 * 1024


class StartFailed(Exception):
    """The server did not come up; the message is what it said."""


class Started(Protocol):
    """A server's process."""

    def kill(self) -> None: ...

    def wait(self) -> object: ...


class Begin(Protocol):
    """Begins a process that runs `labcloud start --foreground` with these words after it.

    It writes a byte to `ready` when it answers, and whatever it says to `said`.
    """

    def __call__(
        self, words: Sequence[str], environment: Mapping[str, str], ready: int, said: IO[str]
    ) -> Started: ...


def start(
    home: Home,
    arguments: list[str] | None = None,
    *,
    detach: bool = True,
    begin: Begin | None = None,
) -> Running:
    """Starts a server on a state directory and returns when it answers.

    Raises StartFailed, HomeForeign, HomeUnusable. A detached one outlives the caller; the other
    ends with it.
    `begin` may begin its process in another way than as a new interpreter.
    """
    _make_room(home)
    reading, writing = os.pipe()
    words = [*(arguments or []), *([] if detach else ["--with-parent"])]
    environment = of_the_server(os.environ) | {"LABCLOUD_HOME": str(home.path)}
    with open(home.path / "startup.txt", "w+", opener=_privately) as said:
        process = (begin or _begin)(words, environment, writing, said)
        os.close(writing)
        try:
            # The pipe speaks when the server answers, and closes when it ends.
            ready, _, _ = select.select([reading], [], [], _START_SECONDS)
            spoke = bool(ready and os.read(reading, 1))
        except BaseException:
            # Ctrl-C while it starts: no other program knows of it yet.
            process.kill()
            process.wait()
            raise
        finally:
            os.close(reading)
        running = home.running() if spoke else None
        if running is None:
            process.kill()
            process.wait()
            said.seek(0)
            raise StartFailed(said.read().strip() or "labcloud did not start, and said nothing.")
    if isinstance(process, subprocess.Popen):
        # It must not wait for it: a detached server outlives this process, and `stop` waits for
        # the other kind.
        process.returncode = 0
    return running


def _begin(
    words: Sequence[str], environment: Mapping[str, str], ready: int, said: IO[str]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "labcloud", "start", "--foreground", "--ready-fd", str(ready),
         *words],
        env=environment,
        stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
        pass_fds=[ready], start_new_session=True,
    )  # fmt: skip


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _make_room(home: Home) -> None:
    """Checks that the server can write: on a full disk it could not say what is wrong."""
    trial = home.path / "startup.txt"
    try:
        home.create()
        try:
            trial.write_bytes(bytes(_ROOM))
        finally:
            trial.unlink(missing_ok=True)
    except OSError as error:
        raise HomeUnusable(home.path, error) from error


def awaited(home: Home, patience: float | None = None) -> Running | None:
    """The server of a state directory; None if it does not answer within the patience (seconds).

    Without `patience`, one that is starting is waited for, and no other.
    """
    begun = time.monotonic()
    while True:
        if running := home.running():
            return running
        limit = patience if patience is not None else _START_SECONDS * home.locked()
        if time.monotonic() - begun >= limit:
            return None
        time.sleep(0.05)


def stop(home: Home, say: Callable[[str], None] = lambda _: None) -> bool:
    """Stops the server of a state directory; True if there was one. Kills what does not end.

    `say` gets a sentence where that takes long.
    """
    running = home.running()
    if running is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGTERM)
    if not _gone(home, _QUIET_SECONDS):
        say(
            "labcloud is waiting for what it is still asked, and for the programs of its jobs and "
            "endpoints to end. A model server "
            f"that ignores SIGTERM is killed after 30 s; then its name is in {home.log}."
        )
        if not _gone(home, _STOP_SECONDS - _QUIET_SECONDS):
            say(f"labcloud did not end within {_STOP_SECONDS:.0f} s, and is killed.")
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, signal.SIGKILL)
            _gone(home, 5.0)
    # If it was a child of this process, it must not stay a zombie.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(running.pid, 0)
    return True


def _gone(home: Home, seconds: float) -> bool:
    """Whether the server's lock is free within this time: it holds it as long as it lives."""
    deadline = time.monotonic() + seconds
    while home.locked():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextlib.contextmanager
def temporary() -> Iterator[tuple[Home, Running]]:
    """A server of its own, on any free port, gone with all its files afterwards."""
    with claims.claimed(claims.HOMES) as folder:
        home = Home(folder)
        try:
            yield home, start(home, ["--port", "0"], detach=False)
        finally:
            stop(home)


@contextlib.contextmanager
def running_or_temporary(home: Home) -> Iterator[tuple[Home, Running]]:
    """The server of a state directory where one runs, else a temporary one."""
    if running := home.running():
        yield home, running
        return
    with temporary() as found:
        yield found
