"""The processes of functions: starts that take too long, changes and ends while they work."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT

from labcloud.aws.logs import Logs
from labcloud.functions.asked import FunctionError
from labcloud.functions.pool import Pool
from labcloud.state import trees
from labcloud.timings import Timings
from labcloud_support.theatre import Theatre

ECHO = "def handler(event, context): return event"
# Works until the test lets it go.
WORKS = """
import os, time
print("loaded")
def handler(event, context):
    while event and not os.path.exists(os.path.join(os.environ["LAMBDA_TASK_ROOT"], "go")):
        time.sleep(0.01)
    return event
"""


class Stage:
    """A pool, and functions whose code is a text."""

    def __init__(self, folder: Path, **timings: float) -> None:
        self.folder = folder
        self.running = folder / "running"
        logs = Logs(ACCOUNT, "us-east-1", folder / "logs")
        patient = {"function_room": 0.05, "function_init": 30.0, **timings}
        self.pool = Pool(self.running, folder, logs, Timings(**patient), lambda *_: {})

    def function(self, name: str, text: str, **changes: Any) -> dict[str, Any]:
        code = self.folder / "functions" / name
        code.mkdir(parents=True, exist_ok=True)
        (code / "main.py").write_text(text)
        return {
            "FunctionName": name, "FunctionArn": f"arn:aws:lambda:us-east-1:1:function:{name}",
            "Runtime": "python3.13", "Role": "role", "Handler": "main.handler", "Timeout": 30,
            "MemorySize": 128, "Storage": 512, "LogGroup": f"/aws/lambda/{name}",
            "CodeFolder": name, "Generation": name, **changes,
        }  # fmt: skip

    async def call(self, function: dict[str, Any], event: bytes = b"1") -> tuple[bytes, str]:
        """The answer, and the end of the log."""
        done = await self.pool.invoke(lambda: function, "the-id", event)
        return done.result.payload, done.tail.decode()

    def let_go(self, name: str) -> None:
        """Ends the work of a function: it sees its code's folder as it is now."""
        (self.folder / "functions" / name / "go").touch()

    async def empty(self) -> None:
        """Until no folder of a process is left."""
        while list(self.running.glob("*")):
            await asyncio.sleep(0.01)


Scene = Callable[[Stage], Awaitable[None]]


@pytest.fixture
def play(tmp_path: Path, theatre: Theatre) -> Callable[..., None]:
    def play(scene: Scene, **timings: float) -> None:
        async def run() -> None:
            stage = Stage(tmp_path, **timings)
            try:
                await scene(stage)
            finally:
                await stage.pool.close()
            assert list(stage.running.glob("*")) == []

        theatre.play(run())

    return play


def test_a_start_that_takes_too_long_is_tried_again_with_the_event(
    play: Callable[..., None],
) -> None:
    async def scene(stage: Stage) -> None:
        function = stage.function("slow", "import time\ntime.sleep(60)", Timeout=1)
        payload, tail = await stage.call(function)
        assert b"the-id Error: Task timed out after 1.00 seconds" in payload
        assert "Phase: init\tStatus: timeout" in tail
        assert "START RequestId: the-id Version: $LATEST" in tail
        await stage.empty()

    play(scene, function_init=0.1)


def test_a_function_that_is_changed_or_deleted_while_it_works(play: Callable[..., None]) -> None:
    async def scene(stage: Stage) -> None:
        function = stage.function("works", WORKS)
        await stage.call(function, b"0")
        working = asyncio.create_task(stage.call(function, b"1"))
        await asyncio.sleep(0)
        left = asyncio.create_task(stage.pool.left("works"))
        while not stage.pool.room.working:
            await asyncio.sleep(0)
        stage.pool.retire("works")
        stage.let_go("works")
        payload, tail = await working
        # What has begun comes to its end, in the process that it had.
        assert payload == b"1"
        assert "loaded" not in tail
        await left
        await stage.empty()
        _, tail = await stage.call(stage.function("works", WORKS, Generation="new"), b"0")
        assert "loaded" in tail

    play(scene)


def test_an_idle_process_ends_and_another_s_place_is_taken(play: Callable[..., None]) -> None:
    async def scene(stage: Stage) -> None:
        function = stage.function("idle", ECHO)
        assert (await stage.call(function))[0] == b"1"
        assert len(list(stage.running.glob("*"))) == 1
        await stage.empty()

    play(scene, idle_function=0.1)


def test_what_goes_wrong_at_a_start_leaves_nothing(
    play: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(stage: Stage) -> None:
        function = stage.function("broken", ECHO)
        monkeypatch.setattr("labcloud.functions.runtime.readable", _fails)
        with pytest.raises(OSError, match="no room"):
            await stage.call(function)
        assert list(stage.running.glob("*")) == []
        monkeypatch.undo()
        assert (await stage.call(function))[0] == b"1"

    play(scene)


def _fails() -> list[str]:
    raise OSError("no room")


def test_reserved_places(play: Callable[..., None]) -> None:
    async def scene(stage: Stage) -> None:
        function = stage.function("one", WORKS)
        stage.pool.room.reserve("one", 1)
        first = asyncio.create_task(stage.call(function, b"1"))
        while not stage.pool.room.working:
            await asyncio.sleep(0)
        with pytest.raises(FunctionError) as refused:
            await stage.call(function, b"0")
        assert refused.value.fields == {
            "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"
        }
        # Others have room.
        assert (await stage.call(stage.function("other", ECHO)))[0] == b"1"
        stage.let_go("one")
        assert (await first)[0] == b"1"

    play(scene)


def test_a_change_during_a_cold_start_leaves_no_process(play: Callable[..., None]) -> None:
    async def scene(stage: Stage) -> None:
        function = stage.function("racing", ECHO)
        found = [function, {**function, "Generation": "new"}]
        done = await stage.pool.invoke(
            lambda: found[0] if stage.pool._busy else found[-1], "i", b"1"
        )
        assert done.result.payload == b"1"
        assert not stage.pool._idle
        await stage.empty()

    play(scene)


def test_a_process_is_not_busy_for_good_when_its_function_cannot_be_read(
    play: Callable[..., None],
) -> None:
    async def scene(stage: Stage) -> None:
        function = stage.function("unread", ECHO)

        def find() -> dict[str, Any]:
            if stage.pool._busy:
                raise sqlite3.OperationalError("disk I/O error")
            return function

        done = await stage.pool.invoke(find, "i", b"1")
        assert done.result.payload == b"1"
        await asyncio.wait_for(stage.pool.left("unread"), 60)
        await stage.empty()

    play(scene)


def test_nothing_is_started_while_all_ends(play: Callable[..., None]) -> None:
    async def scene(stage: Stage) -> None:
        calls = [asyncio.create_task(stage.call(stage.function("late", ECHO))) for _ in range(3)]
        while not stage.pool._starting:
            await asyncio.sleep(0)
        await stage.pool.close()
        assert not (stage.pool._busy or stage.pool._starting)
        await asyncio.gather(*calls, return_exceptions=True)
        with pytest.raises(FunctionError, match="being stopped"):
            await stage.call(stage.function("late", ECHO))

    play(scene)


def test_one_end_a_process_whoever_asks_for_it(
    play: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[Path] = []
    original = trees.remove

    def remove(folder: Path) -> None:
        removed.append(folder)
        original(folder)

    async def scene(stage: Stage) -> None:
        working = asyncio.create_task(stage.call(stage.function("works", WORKS)))
        while not stage.pool.room.working or not list(stage.running.glob("*")):
            await asyncio.sleep(0)
        monkeypatch.setattr("labcloud.functions.pool.trees.remove", remove)
        # The caller, whose process is gone, ends it too.
        await asyncio.gather(stage.pool.close(), stage.pool.close())
        await asyncio.gather(working, return_exceptions=True)
        await stage.empty()
        assert len(removed) == len(set(removed)) == 1

    play(scene)
