"""Work in a thread that nobody leaves behind."""

from __future__ import annotations

import asyncio
import threading

import pytest

from labcloud.containers.threads import to_the_end


def test_its_result_and_its_error_are_the_callers() -> None:
    assert asyncio.run(to_the_end(int, "7")) == 7
    with pytest.raises(ValueError, match="seven"):
        asyncio.run(to_the_end(int, "seven"))


@pytest.mark.parametrize("fails", [False, True])
def test_who_is_cancelled_waits_for_the_thread(fails: bool) -> None:
    begun, may_end, ended = (threading.Event() for _ in range(3))

    def work() -> None:
        begun.set()
        assert may_end.wait(60)
        ended.set()
        if fails:
            raise OSError("No space left on device")

    async def scene() -> None:
        complaints: list[object] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        waiting = asyncio.create_task(to_the_end(work))
        await asyncio.to_thread(begun.wait, 60)
        for _ in range(2):
            waiting.cancel()
            done, _ = await asyncio.wait([waiting], timeout=0.05)
            assert not done
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert ended.is_set()
        assert complaints == []

    asyncio.run(scene())
