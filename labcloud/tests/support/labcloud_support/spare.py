"""The process that forks a test server's workers, forked early from one that has the libraries.

`python -m labcloud.containers.process.forks` takes two seconds of a processor to load them, which
is more than most tests take.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import threading
from typing import NoReturn

from labcloud.containers.process import forks, nursery

_MESSAGE = 1 << 20


class Spare:
    """A child of the server that waits to become the process that forks its workers."""

    def __init__(self, *others: int) -> None:
        """Forks; the child closes the `others`, descriptors of this process alone."""
        self._as_always = nursery.begin
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._pid = os.fork()
        self.returncode: int | None = None
        self._ended: asyncio.Future[int]
        if self._pid == 0:
            self._socket.close()
            for other in others:
                os.close(other)
            self._wait(theirs)
        theirs.close()

    def stand_by(self) -> None:
        """The first process that forks workers is this one; what comes after it is as always."""
        nursery.begin = self._become

    @staticmethod
    def _wait(server: socket.socket) -> NoReturn:
        code = 1
        try:
            said, files, _, _ = socket.recv_fds(server, _MESSAGE, 1)
            if said:
                os.setsid()
                os.environ.clear()
                os.environ.update(json.loads(said))
                with open(os.devnull) as nothing:
                    os.dup2(nothing.fileno(), 0)
                code = forks.main(*files)
        finally:
            os._exit(code)

    async def _become(self, descriptor: int) -> nursery.Process:
        nursery.begin = self._as_always
        with self._socket:
            environment = json.dumps(nursery.base_environment()).encode()
            socket.send_fds(self._socket, [environment], [descriptor])
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        threading.Thread(target=self._watch, args=[loop], daemon=True).start()
        return self

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        _, status = os.waitpid(self._pid, 0)
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._has_ended, os.waitstatus_to_exitcode(status))

    def _has_ended(self, code: int) -> None:
        self.returncode = code
        self._ended.set_result(code)

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)
