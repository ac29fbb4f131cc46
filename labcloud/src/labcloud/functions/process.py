"""One process of a function, from the server's side: started, given events, watched, ended."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import os
import signal
import socket
import time
from typing import Any

from labcloud.containers.process import looked_after
from labcloud.containers.threads import to_the_end
from labcloud.functions import keeper, runtime
from labcloud.functions.keeper import Plan
from labcloud.functions.log import Log, Output, now
from labcloud.functions.results import Result, exited, not_loaded, timed_out
from labcloud.functions.runtime_api import Event, RuntimeApi
from labcloud.functions.strays import end_marked

# How long the keeper may take to say how much memory is used, and to end (seconds).
_PATIENCE = 1.0
# After a call that is shorter than this (seconds), what the keeper has seen by itself is enough.
_SHORT = 0.05
_END = 10.0


logger = logging.getLogger(__name__)


class StartTimedOut(Exception):
    """The handler was not loaded in time."""


class Process:
    """Made by `begin`. One event at a time."""

    def __init__(
        self, child: asyncio.subprocess.Process, control: socket.socket, api: RuntimeApi, log: Log,
        output: Output,
    ) -> None:  # fmt: skip
        self.log = log
        self.used = 0
        # Since when it has had nothing to do (monotonic seconds).
        self.idle_since = time.monotonic()
        self._child = child
        self._api = api
        self._output = output
        self._control = control
        self._watched = True
        loop = asyncio.get_running_loop()
        # Exit code, and whether it was ended for its memory.
        self._ended: asyncio.Future[tuple[int, bool]] = loop.create_future()
        self._measured: asyncio.Future[None] = loop.create_future()
        self._tasks = [loop.create_task(self._listen()), loop.create_task(api.serve())]

    @classmethod
    async def begin(cls, plan: Plan, log: Log) -> Process:
        """Starts the interpreter; `ready` says when it waits for events. Raises OSError."""
        ours, control = socket.socketpair()
        api, theirs = socket.socketpair()
        reading, writing = os.pipe()
        try:
            ours.setblocking(False)
            api.setblocking(False)
            with looked_after.starting() as pids:
                child = await asyncio.create_subprocess_exec(
                    runtime.interpreter(), "-S", "-P", keeper.__file__,
                    str(control.fileno()), str(theirs.fileno()),
                    pass_fds=[control.fileno(), theirs.fileno()],
                    stdin=asyncio.subprocess.DEVNULL, stdout=writing, stderr=writing,
                    env={}, start_new_session=True,
                )  # fmt: skip
                pids.add(child.pid)
        except BaseException:
            ours.close()
            api.close()
            os.close(reading)
            raise
        finally:
            control.close()
            theirs.close()
            os.close(writing)
        process = cls(child, ours, RuntimeApi(api), log, Output(reading, log))
        try:
            await process._tell(plan)
        except BaseException:
            await process.end()
            raise
        return process

    @property
    def alive(self) -> bool:
        return not self._ended.done()

    async def ready(self, request_id: str, seconds: float) -> Result | None:
        """Waits until the handler is loaded. What went wrong with it, or None.

        Raises StartTimedOut.
        """
        waiting = asyncio.create_task(self._api.ready.wait())
        try:
            await self._first(seconds, waiting, self._api.failed)
            if waiting.done():
                return None
            if self._api.failed.done():
                # It says more in its log, and ends.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(self._ended), _PATIENCE)
                await self._output.drain()
                return not_loaded(self._api.failed.result())
            if self._ended.done():
                return await self._as_exited(request_id)
        finally:
            waiting.cancel()
        raise StartTimedOut

    async def invoke(self, event: Event, seconds: float, timeout: int) -> Result:
        """Gives it an event, and waits `seconds` for what comes of it.

        `timeout` is what the function's configuration says.
        """
        began = time.monotonic()
        answer = self._api.send(event)
        await self._first(seconds, answer)
        if answer.done():
            found = answer.result()
        elif self._ended.done():
            found = await self._as_exited(event.request_id)
        else:
            found = timed_out(event.request_id, timeout, now())
        await self._output.drain()
        if self.alive and (not self.used or time.monotonic() - began > _SHORT):
            await self._measure()
        self.idle_since = time.monotonic()
        return found

    async def watch(self, *, on: bool) -> None:
        """Whether it may run, and its memory is looked at: one that has nothing to do is stopped.

        As on AWS, where its threads and what it has started do not go on between two events.
        """
        if on is not self._watched:
            self._watched = on
            await self._tell({"watch": on})

    async def end(self) -> None:
        """Ends it, with all that it has started, and waits until it is gone."""
        self._control.close()
        for task in self._tasks:
            task.cancel()
        try:
            await asyncio.wait_for(self._child.wait(), _END)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()
            # Somebody else may have taken its exit code, and nobody will ever say that it ended.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._child.wait(), _END)
        looked_after.ended(self._child.pid)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._child.returncode == -signal.SIGKILL:
            await to_the_end(end_marked, self.log.name)
        await self._output.drain()
        self._output.close()
        self.log.flush()

    async def _as_exited(self, request_id: str) -> Result:
        await self._output.drain()
        code, out_of_memory = self._ended.result()
        return exited(request_id, code, out_of_memory=out_of_memory)

    async def _first(self, seconds: float, *awaited: asyncio.Future[Any]) -> None:
        """Until one of these has come, or the end of the process, or the time is over."""
        await asyncio.wait(
            [*awaited, self._ended], timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )

    async def _measure(self) -> None:
        self._measured = asyncio.get_running_loop().create_future()
        await self._tell({"measure": True})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._measured), _PATIENCE)

    async def _tell(self, message: object) -> None:
        with contextlib.suppress(OSError):
            said = json.dumps(message).encode() + b"\n"
            await asyncio.get_running_loop().sock_sendall(self._control, said)

    async def _listen(self) -> None:
        """What the keeper says, until it ends; without a word, it has been killed."""
        loop, rest, code, out_of_memory = asyncio.get_running_loop(), b"", -9, False
        try:
            while received := await loop.sock_recv(self._control, 64 * 1024):
                *messages, rest = (rest + received).split(b"\n")
                for message in map(json.loads, messages):
                    self.used = max(self.used, int(message["most"]))
                    if "ended" in message:
                        code, out_of_memory = message["ended"], message.get("out_of_memory", False)
                    if "leaves" in message:
                        _tell_once()
                    if "measured" in message and not self._measured.done():
                        self._measured.set_result(None)
        except OSError:
            pass
        finally:
            if not self._ended.done():
                self._ended.set_result((code, out_of_memory))


@functools.cache
def _tell_once() -> None:
    logger.warning(
        "this machine gives functions no process namespaces: what a function starts can outlive it",
        extra={"event": "no-process-namespaces"},
    )
