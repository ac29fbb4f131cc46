"""How much memory processes use, as Linux counts it. Elsewhere nobody knows: 0."""

from __future__ import annotations

import contextlib
from pathlib import Path

# What is a process's own, and its share of what it has in common with others: forked children do
# not count twice. Files that are mapped are not in it, because the system can take them back.
_COUNTED = (b"Pss_Anon:", b"Pss_Shmem:")


def of_descendants(pid: int) -> int:
    """What all processes below this one use together (bytes)."""
    total, waiting, seen = 0, children(pid), set[int]()
    while waiting:
        child = waiting.pop()
        if child not in seen:
            seen.add(child)
            total += _of(child)
            waiting += children(child)
    return total


def children(pid: int) -> list[int]:
    """The children of all threads of a process."""
    found: list[int] = []
    with contextlib.suppress(OSError, ValueError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (thread / "children").read_text().split())
    return found


def _of(pid: int) -> int:
    """Of a process that may end meanwhile."""
    try:
        said = Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines()
    except OSError:
        return 0
    sizes = {line.split()[0]: int(line.split()[1]) * 1024 for line in said[1:]}
    if any(name in sizes for name in _COUNTED):
        return sum(sizes.get(name, 0) for name in _COUNTED)
    return sizes.get(b"Pss:", 0)
