"""The children of this process that somebody looks after: no strays, whoever their neighbours are.

A process that adopts orphans cannot tell them from children that it has started itself. So whoever
starts one, and ends it, says so here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

_pids: set[int] = set()
_starting: list[object] = []


@contextlib.contextmanager
def starting() -> Iterator[set[int]]:
    """While a child is being started: its pid is added to the set, and stays there until `ended`.

    Used from the event loop's thread only.
    """
    this = object()
    _starting.append(this)
    try:
        yield _pids
    finally:
        _starting.remove(this)


def ended(pid: int) -> None:
    """It has been waited for."""
    _pids.discard(pid)


def known() -> frozenset[int] | None:
    """All of them; None while another one is started, whose pid nobody knows yet."""
    return None if _starting else frozenset(_pids)
