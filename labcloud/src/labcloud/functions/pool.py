"""The processes of all functions: cold and warm starts, how many there may be, and their ends.

A process handles one event at a time, and then waits for the next one of the same function. It goes
when it has waited for long, when its function is changed, or when another one needs its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from labcloud.aws.logs import Logs
from labcloud.containers.threads import to_the_end
from labcloud.functions import log as logs
from labcloud.functions import runtime
from labcloud.functions.asked import FunctionError
from labcloud.functions.keeper import TASK, Plan
from labcloud.functions.log import Log
from labcloud.functions.process import Process, StartTimedOut
from labcloud.functions.results import Result, timed_out
from labcloud.functions.room import Room
from labcloud.functions.runtime_api import Event
from labcloud.state import trees
from labcloud.state.records import Record
from labcloud.timings import Timings

# How often is looked whether a folder is still used (seconds).
_A_MOMENT = 0.1
# How often is looked who has nothing to do (seconds).
_SWEEP = 1.0
# What an account may run at a time: AWS's limit for new accounts.
CONCURRENCY = 10

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class _Kept:
    """A process with the function that it runs, and the folder that goes with it."""

    process: Process
    name: str
    generation: str
    folder: Path
    code: str
    # How long its start has taken (seconds), until that has been told.
    init: float = 0.0
    # Its function has changed meanwhile.
    retired: bool = False
    # Its end, once that has begun.
    ending: asyncio.Task[None] | None = None


@dataclass(frozen=True)
class Done:
    """What an invocation has come to, and the end of its log."""

    result: Result
    tail: bytes


class Pool:
    """`folder` holds what processes need while they run; `variables` makes the environment by which
    a function finds AWS: of its name and role, besides what it is given."""

    def __init__(
        self,
        folder: Path,
        state: Path,
        streams: Logs,
        timings: Timings,
        variables: Callable[[str, str], dict[str, str]],
    ) -> None:
        self._folder = folder
        self._state = state
        self._logs = streams
        self._timings = timings
        self._variables = variables
        self._busy: set[_Kept] = set()
        self._idle: list[_Kept] = []
        # How many events are worked on with each folder of code, whatever their processes.
        self._using: Counter[str] = Counter()
        self.room = Room(CONCURRENCY, timings.function_room)
        # How many processes are being started.
        self._starting = 0
        self._ending: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._closed = False

    async def invoke(
        self,
        find: Callable[[], Record],
        request_id: str,
        payload: bytes,
        client_context: str = "",
    ) -> Done:
        """Runs the handler of the function that `find` finds, once there is room for it.

        Raises FunctionError where there is none, and what `find` raises.
        """
        async with self.room.place(find()["FunctionName"]):
            function = find()
            kept, result, began = None, None, time.monotonic()
            self._using[function["CodeFolder"]] += 1
            try:
                kept = self._warm(function)
                if kept is None:
                    kept, result = await self._cold(function, request_id)
                log = kept.process.log
                if result is None:
                    log.start(request_id)
                    await kept.process.watch(on=True)
                    began = time.monotonic()
                    result = await self._given(kept, function, request_id, payload, client_context)
                spent = time.monotonic() - began
                if result.status == "timeout":
                    spent = float(function["Timeout"])
                init, kept.init = kept.init, 0.0
                used = kept.process.used
                log.report(request_id, result, spent, init, function["MemorySize"], used)
                return Done(result, log.tail())
            finally:
                self._using[function["CodeFolder"]] -= 1
                if kept is not None:
                    usable = result is not None and not result.fatal
                    self._released(kept, usable=usable and _is_still(kept, find))

    async def _given(
        self, kept: _Kept, function: Record, request_id: str, payload: bytes, context: str
    ) -> Result:
        timeout = int(function["Timeout"])
        trace = f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        event = Event(
            request_id, payload, int((time.time() + timeout) * 1000), function["FunctionArn"],
            context, f"{trace};Parent={secrets.token_hex(8)};Sampled=0",
        )  # fmt: skip
        return await kept.process.invoke(event, timeout, timeout)

    # ---- processes --------------------------------------------------------------------------

    def _warm(self, function: Record) -> _Kept | None:
        """One that waits for an event of this function as it is now."""
        for kept in reversed(self._idle):
            if kept.generation == function["Generation"] and kept.process.alive:
                self._idle.remove(kept)
                self._busy.add(kept)
                return kept
        return None

    async def _cold(self, function: Record, request_id: str) -> tuple[_Kept, Result | None]:
        """A new process, and what went wrong at its start. Raises OSError."""
        while self._idle and len(self._idle) + len(self._busy) >= CONCURRENCY:
            await self._end(self._idle.pop(0))
        if self._sweeper is None:
            self._sweeper = asyncio.create_task(self._sweep())
        log = Log(self._logs, function["LogGroup"])
        log.init_start()
        began, limit = time.monotonic(), self._timings.function_init
        kept = await self._begun(function, log)
        try:
            result = await kept.process.ready(request_id, limit)
        except StartTimedOut:
            # AWS begins once more, within the time that the event has.
            await self._end(kept)
            log.init_report(time.monotonic() - began)
            kept, result = await self._second_start(function, request_id, log)
            kept.init = 0.0
        except BaseException:
            await self._end(kept)
            raise
        else:
            kept.init = time.monotonic() - began
        if result is not None:
            # AWS tries to start it again with the event, and bills that time.
            kept.init = 0.0
            log.start(request_id)
        return kept, result

    async def _second_start(
        self, function: Record, request_id: str, log: Log
    ) -> tuple[_Kept, Result | None]:
        kept, timeout = await self._begun(function, log), int(function["Timeout"])
        try:
            return kept, await kept.process.ready(request_id, timeout)
        except StartTimedOut:
            return kept, timed_out(request_id, timeout, logs.now())
        except BaseException:
            await self._end(kept)
            raise

    async def _begun(self, function: Record, log: Log) -> _Kept:
        name, folder = function["FunctionName"], self._folder / secrets.token_hex(8)
        self._check_open()
        self._starting += 1
        try:
            plan = await to_the_end(self._plan, function, folder, log.name)
            process = await Process.begin(plan, log)
            kept = _Kept(process, name, function["Generation"], folder, function["CodeFolder"])
            self._busy.add(kept)
        except BaseException:
            await to_the_end(trees.remove, folder)
            raise
        finally:
            self._starting -= 1
        return kept

    def _check_open(self) -> None:
        if self._closed:
            raise FunctionError("ServiceException", "The service is being stopped.", 500)

    def _plan(self, function: Record, folder: Path, stream: str) -> Plan:
        """Blocking."""
        for each in ("root", "spare"):
            (folder / each).mkdir(mode=0o700, parents=True)
        given = function.get("Variables", {})
        name, memory = function["FunctionName"], function["MemorySize"]
        environment = self._variables(name, function["Role"]) | given
        environment |= {
            key: value
            for key, value in runtime.variables(
                name, memory, stream, function["LogGroup"], function["Handler"],
                function["FunctionArn"].split(":")[3], function["Runtime"],
            ).items()
            if key not in given
        }  # fmt: skip
        return {
            "python": runtime.interpreter(),
            "handler": function["Handler"],
            "environment": environment,
            "places": {
                TASK: str(self._state / "functions" / function["CodeFolder"]),
                **runtime.files(),
            },
            "staging": str(folder / "root"),
            "spare": str(folder / "spare"),
            "hidden": runtime.hidden(self._state),
            "readable": runtime.readable(),
            "storage": function["Storage"] * 1024**2,
            "memory": memory * 1024**2,
        }

    def _released(self, kept: _Kept, *, usable: bool) -> None:
        if usable and kept.process.alive and not kept.retired and not self._closed:
            self._busy.discard(kept)
            self._idle.append(kept)
        else:
            # Its caller need not wait for the end of what it has left.
            self._soon(kept)

    def _soon(self, kept: _Kept) -> asyncio.Task[None]:
        """Begins its end, unless that has begun: two that delete one folder hinder each other."""
        if kept.ending is None:
            self._busy.add(kept)
            kept.ending = asyncio.create_task(self._ended(kept))
            self._ending.add(kept.ending)
            kept.ending.add_done_callback(self._ending.discard)
        return kept.ending

    async def _end(self, kept: _Kept) -> None:
        """Returns once it is gone, whoever has begun its end."""
        await asyncio.shield(self._soon(kept))

    async def _ended(self, kept: _Kept) -> None:
        try:
            await kept.process.end()
            await to_the_end(trees.remove, kept.folder)
        except OSError as error:
            logger.error("a function's process: %s", error, extra={"event": "write-failed"})
        finally:
            self._busy.discard(kept)

    def retire(self, name: str) -> None:
        """The function has changed or gone: no process of its takes another event."""
        for kept in [each for each in self._idle if each.name == name]:
            self._idle.remove(kept)
            self._soon(kept)
        for kept in self._busy:
            kept.retired = kept.retired or kept.name == name

    async def left(self, code: str) -> None:
        """Waits until nothing runs in a folder of code any more."""
        while self._using[code] or any(each.code == code for each in (*self._busy, *self._idle)):
            await asyncio.sleep(_A_MOMENT)
        del self._using[code]

    async def _sweep(self) -> None:
        """Ends what has had nothing to do for long. Nothing that goes wrong with one ends this."""
        while True:
            await asyncio.sleep(min(_SWEEP, self._timings.idle_function / 2))
            now = time.monotonic()
            oldest = now - self._timings.idle_function
            for kept in list(self._idle):
                if kept not in self._idle:
                    # Meanwhile, it has been given an event, and must not be stopped.
                    continue
                if kept.process.idle_since < now - _SWEEP:
                    await kept.process.watch(on=False)
                if kept.process.idle_since < oldest or not kept.process.alive:
                    with contextlib.suppress(ValueError):
                        self._idle.remove(kept)
                        self._soon(kept)

    async def close(self) -> None:
        """Ends everything, also what works on an event."""
        self._closed = True
        if self._sweeper:
            self._sweeper.cancel()
        # What was being started, or was tried once more, is there a moment later.
        while self._idle or self._busy or self._ending or self._starting:
            kept, self._idle = [*self._idle, *self._busy], []
            await asyncio.gather(*(self._end(each) for each in kept), *self._ending)
            if self._starting:
                await asyncio.sleep(_A_MOMENT)


def _is_still(kept: _Kept, find: Callable[[], Record]) -> bool:
    """Whether the function is known to be as it was when this process was begun."""
    try:
        return bool(find()["Generation"] == kept.generation)
    except (FunctionError, OSError, sqlite3.Error):
        return False
