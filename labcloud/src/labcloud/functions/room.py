"""Who may run: the places of an account, and those that are reserved for some functions."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from labcloud.functions.asked import FunctionError

_OF_FUNCTION = "ReservedFunctionConcurrentInvocationLimitExceeded"
_OF_ACCOUNT = "ConcurrentInvocationLimitExceeded"


class Room:
    """`places` is how many events are worked on at a time, `patience` how long one waits for a
    place (seconds). One that has its place reserved does not wait."""

    def __init__(self, places: int, patience: float) -> None:
        self._places = places
        self._patience = patience
        self._reserved: dict[str, int] = {}
        # Those that work, by function, and those that wait, the first one first.
        self._working = Counter[str]()
        self._waiting: dict[asyncio.Future[None], str] = {}

    @property
    def working(self) -> int:
        return self._working.total()

    def left(self, besides: str) -> int:
        """How many places the other functions have not reserved."""
        return self._places - sum(n for name, n in self._reserved.items() if name != besides)

    def reserve(self, function: str, places: int | None) -> None:
        """None: it has none of its own."""
        if places is None:
            self._reserved.pop(function, None)
        else:
            self._reserved[function] = places
        self._admit()

    @contextlib.asynccontextmanager
    async def place(self, function: str) -> AsyncIterator[None]:
        """Raises FunctionError where there is none."""
        if self._full(function) or self._waiting:
            await self._wait(function)
        else:
            self._working[function] += 1
        try:
            yield
        finally:
            self._working[function] -= 1
            if not self._working[function]:
                del self._working[function]
            self._admit()

    def _full(self, function: str) -> str:
        """Why it has to wait, if it has to."""
        reserved = self._reserved.get(function)
        if reserved is not None:
            return _OF_FUNCTION if self._working[function] >= reserved else ""
        others = sum(n for name, n in self._working.items() if name not in self._reserved)
        return _OF_ACCOUNT if others >= self.left("") else ""

    async def _wait(self, function: str) -> None:
        """Returns with a place that is taken."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[waiting] = function
        self._admit()
        patience = 0 if function in self._reserved else self._patience
        try:
            await asyncio.wait([waiting], timeout=patience)
        except BaseException:
            if waiting.done():
                self._working[function] -= 1
                self._admit()
            raise
        finally:
            self._waiting.pop(waiting, None)
        if not waiting.done():
            why = self._full(function) or _OF_ACCOUNT
            raise FunctionError("TooManyRequestsException", "Rate Exceeded.", 429, Reason=why)

    def _admit(self) -> None:
        """Gives free places to those who wait for them."""
        full = set[str]()
        for waiting, function in list(self._waiting.items()):
            pool = function if function in self._reserved else ""
            if pool in full:
                continue
            if self._full(function):
                full.add(pool)
            else:
                self._working[function] += 1
                del self._waiting[waiting]
                waiting.set_result(None)
