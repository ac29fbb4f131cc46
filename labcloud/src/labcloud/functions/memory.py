"""How much memory processes use, as Linux counts it. Elsewhere nobody knows: 0."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

# What is a process's own, and its share of what it has in common with others: forked children do
# not count twice. Files that are mapped are not in it, because the system can take them back.
_COUNTED = (b"Pss_Anon:", b"Pss_Shmem:")


def of_descendants(pid: int) -> int:
    """What all processes below this one use together (bytes)."""
    own, shared = 0, 0
    files: dict[tuple[int, int], int] = {}
    for each in descendants(pid):
        sizes = _of(each)
        own, shared = own + sizes[0], shared + sizes[1]
        files |= _files(each)
    # Those pages of a file in memory that are mapped are among the shared ones, too.
    return own + max(shared, sum(files.values()))


def descendants(pid: int) -> set[int]:
    """All processes below this one."""
    waiting, seen = children(pid), set[int]()
    while waiting:
        child = waiting.pop()
        if child not in seen:
            seen.add(child)
            waiting += children(child)
    return seen


def children(pid: int) -> list[int]:
    """The children of all threads of a process."""
    found: list[int] = []
    with contextlib.suppress(OSError, ValueError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (thread / "children").read_text().split())
    return found


def _of(pid: int) -> tuple[int, int]:
    """Of a process that may end meanwhile: its own memory, and its share of what is shared."""
    try:
        said = Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines()
    except OSError:
        return 0, 0
    sizes = {line.split()[0]: int(line.split()[1]) * 1024 for line in said[1:]}
    if not any(name in sizes for name in _COUNTED):
        return sizes.get(b"Pss:", 0), 0
    own, shared = (sizes.get(name, 0) for name in _COUNTED)
    return own, shared


def _files(pid: int) -> dict[tuple[int, int], int]:
    """The files in memory (memfd_create(2)) that a process has open, and their sizes."""
    found = {}
    with contextlib.suppress(OSError):
        for each in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(each.path).startswith("/memfd:"):
                    file = os.stat(each.path)
                    found[file.st_dev, file.st_ino] = file.st_blocks * 512
    return found
