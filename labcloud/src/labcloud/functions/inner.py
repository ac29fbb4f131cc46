"""A process namespace (pid_namespaces(7)) for a function: what it starts cannot leave it.

The first process in it, which is this program's, forks the function and waits for its end; with
the first one, the kernel ends all others. The function sees no process outside of it, and so can
signal none. Where the kernel refuses, the function is a child of the keeper's.
"""

from __future__ import annotations

import os
import select
from typing import NoReturn

from labcloud.containers.process.kernel import die_with_parent


class Inner:
    """Three pipes between the keeper and the first process in the namespace."""

    def __init__(self) -> None:
        # Its pid, as the keeper sees it; that it may go on; and the exit code of the function.
        self._pid, self._go, self._code = os.pipe(), os.pipe(), os.pipe()
        self.is_there = False

    # ---- the keeper's end -------------------------------------------------------------------

    def taken_over(self, child: int) -> int:
        """Whose end is the function's: the first process in the namespace, or the child itself."""
        os.close(self._pid[1])
        os.close(self._go[0])
        os.close(self._code[1])
        said = os.read(self._pid[0], 32)
        if not said:
            return child
        # It has ended, and what it has forked has been adopted.
        os.waitpid(child, 0)
        os.write(self._go[1], b"g")
        self.is_there = True
        return int(said)

    def code(self, status: int) -> int:
        """The exit code of the function; `status` is that of what `taken_over` has returned."""
        if not self.is_there:
            return os.waitstatus_to_exitcode(status)
        said = os.read(self._code[0], 32)
        return int(said) if said else -9

    # ---- the function's end -----------------------------------------------------------------

    def fork(self) -> None:
        """Called by a process whose children are in the namespace: returns in the first of them."""
        if pid := os.fork():
            os.write(self._pid[1], str(pid).encode())
            os._exit(0)
        for descriptor in (self._pid[1], self._go[1]):
            os.close(descriptor)
        # From then on, the keeper is its parent.
        if not os.read(self._go[0], 1):
            os._exit(1)
        die_with_parent()
        if select.select([self._go[0]], [], [], 0)[0]:
            os._exit(1)
        self.is_there = True

    def descend(self, runtime: int) -> None:
        """Returns in the process that becomes the function."""
        if not self.is_there:
            return
        if (pid := os.fork()) == 0:
            os.setsid()
            return
        _wait(pid, self._code[1], runtime)


def _wait(function: int, code: int, runtime: int) -> NoReturn:
    """Reaps what ends in the namespace, until the function does. Does not return."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (1, 2, runtime):
            os.dup2(nothing, descriptor)
        while True:
            pid, status = os.waitpid(-1, 0)
            if pid == function:
                os.write(code, str(os.waitstatus_to_exitcode(status)).encode())
                break
    finally:
        os._exit(0)
