"""Who gets a place, and in which order."""

from __future__ import annotations

import asyncio

import pytest

from labcloud.functions.asked import FunctionError
from labcloud.functions.room import Room


async def _hold(room: Room, name: str, until: asyncio.Event, order: list[str]) -> None:
    async with room.place(name):
        order.append(name)
        await until.wait()


def test_reserved_places_are_kept_free() -> None:
    async def scene() -> None:
        room, end, order = Room(3, 0.01), asyncio.Event(), list[str]()
        room.reserve("own", 2)
        assert (room.left("own"), room.left("other")) == (3, 1)
        tasks = [asyncio.create_task(_hold(room, "other", end, order))]
        await asyncio.sleep(0)
        with pytest.raises(FunctionError) as refused:
            async with room.place("third"):
                pass
        assert refused.value.fields == {"Reason": "ConcurrentInvocationLimitExceeded"}
        tasks += [asyncio.create_task(_hold(room, "own", end, order)) for _ in range(2)]
        await asyncio.sleep(0)
        assert order == ["other", "own", "own"]
        with pytest.raises(FunctionError) as refused:
            async with room.place("own"):
                pass
        said = "ReservedFunctionConcurrentInvocationLimitExceeded"
        assert refused.value.fields == {"Reason": said}
        end.set()
        await asyncio.gather(*tasks)
        assert room.working == 0

    asyncio.run(scene())


def test_who_waits_gets_a_place_in_turn() -> None:
    async def scene() -> None:
        room, end, order = Room(1, 60), asyncio.Event(), list[str]()
        first = asyncio.create_task(_hold(room, "a", end, order))
        await asyncio.sleep(0)
        others = [asyncio.create_task(_hold(room, name, end, order)) for name in "bcd"]
        await asyncio.sleep(0)
        # One that does not wait any more takes no place.
        others[1].cancel()
        end.set()
        await asyncio.gather(first, *others, return_exceptions=True)
        assert order == ["a", "b", "d"]
        assert room.working == 0

    asyncio.run(scene())
