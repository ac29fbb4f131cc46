"""Blocking work in a folder that is deleted soon after."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def to_the_end(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs a function in a thread, as asyncio.to_thread does, but never leaves it behind.

    A thread cannot be cancelled. Who waits here and is cancelled still waits until it has ended:
    what it writes is there by then, and can be removed.
    """
    work = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        while not work.done():
            # It may be cancelled more than once.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([work])
        if not work.cancelled():
            # No caller is left to receive its error.
            work.exception()
        raise
