"""Calls of Linux that leave no process behind; on other systems they do nothing.

A process that is killed cannot clean up after itself. So a child asks to die with its parent, and
a process that is responsible for others adopts their orphans: whatever a job has started and
left, however it hid (its own session, a double fork), becomes a child of the one who adopts,
who can then see it and end it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Collection
from pathlib import Path

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_GET_CHILD_SUBREAPER = 37
# malloc.h
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_THRESHOLD = -3


def die_with_parent() -> None:
    """Asks for SIGKILL at the death of this process's parent."""
    if sys.platform != "linux":
        return
    before = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != before:
        os._exit(128 + signal.SIGKILL)


def woken_by_children() -> tuple[int, int]:
    """A pipe, by its two ends, that can be read when a child has ended: `select` waits for it."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return read, write


def adopt_orphans() -> None:
    """Makes this process the parent of all its descendants whose own parent ends."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def adopts_orphans() -> bool:
    if sys.platform != "linux":
        return False
    answer = ctypes.c_int()
    _prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(answer))
    return bool(answer.value)


def kill_strays(known: Collection[int]) -> set[int]:
    """Kills the children of this process, except the known ones, and returns their pids.

    What they leave is adopted in turn: call it again until there are none.
    """
    strays: set[int] = set(_children()) - set(known) if adopts_orphans() else set()
    for pid in strays:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return strays


def end_strays(known: Collection[int] = ()) -> None:
    """Kills all of them, and waits until they are gone."""
    while killed := kill_strays(known):
        reap(killed)


def reap(killed: Collection[int]) -> None:
    """Waits for these only: a child that came meanwhile has not been killed."""
    for pid in killed:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _children() -> list[int]:
    """The children of all threads of this process, zombies included."""
    found: list[int] = []
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found += map(int, (thread / "children").read_text().split())
    return found


def give_memory_back() -> None:
    """Large pieces of memory go back to the system when they are freed, not to the heap.

    glibc would raise the size from which it does so to that of the largest piece it has seen.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 1024**2)


def keep_memory() -> None:
    """Freed memory stays with this process, which will soon need as much again.

    For a process that works briefly and then ends: the system clears every page that it gives.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            libc = ctypes.CDLL(None)
            libc.mallopt(_M_MMAP_THRESHOLD, 32 * 1024**2)
            libc.mallopt(_M_TRIM_THRESHOLD, 512 * 1024**2)
            libc.mallopt(_M_TOP_PAD, 64 * 1024**2)


def _prctl(option: int, argument: object) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, argument)
