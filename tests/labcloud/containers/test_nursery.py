"""Real children of a real nursery: their output, exit codes, signals, and their end with it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from labcloud.containers.nursery import Child, Nursery


@pytest.fixture(autouse=True)
def _children_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def with_nursery(scene: Callable[[Nursery], Awaitable[None]]) -> None:
    async def run() -> None:
        nursery = Nursery()
        try:
            await scene(nursery)
        finally:
            await nursery.close()

    asyncio.run(run())


async def outcome(child: Child) -> tuple[int, str]:
    code = await asyncio.wait_for(asyncio.shield(child.exit_code), 30)
    with os.fdopen(child.output, "r") as output:
        return code, output.read()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_child_runs_with_its_environment_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_SECRET", "do not tell")

    async def scene(nursery: Nursery) -> None:
        child = await nursery.fork("children:show", ["one", "two"], {"ONLY": "this"})
        code, text = await outcome(child)
        assert code == 7
        assert text.splitlines() == ["one two", "{'ONLY': 'this'}", "on stderr"]

    with_nursery(scene)


def test_an_exception_is_printed_and_is_exit_code_one() -> None:
    async def scene(nursery: Nursery) -> None:
        code, text = await outcome(await nursery.fork("children:fail", [], {}))
        assert code == 1
        assert "ValueError: on purpose" in text

    with_nursery(scene)


def test_a_signal_ends_a_child_and_its_children() -> None:
    async def scene(nursery: Nursery) -> None:
        child = await nursery.fork("children:with_grandchild", [], {})
        with os.fdopen(os.dup(child.output), "r") as output:
            grandchild = int(await asyncio.to_thread(output.readline))
        child.signal(signal.SIGTERM)
        code, _ = await outcome(child)
        assert code == 128 + signal.SIGTERM
        assert gone(child.pid)
        # Not ours to wait for: look until it is gone.
        while not gone(grandchild):
            await asyncio.sleep(0.01)

    with_nursery(scene)


def test_many_at_once_keep_to_themselves() -> None:
    async def scene(nursery: Nursery) -> None:
        children = await asyncio.gather(
            *[nursery.fork("children:show", [str(n)], {"N": str(n)}) for n in range(20)]
        )
        for number, child in enumerate(children):
            code, text = await outcome(child)
            assert (code, text.splitlines()[1]) == (7, f"{{'N': '{number}'}}")

    with_nursery(scene)


def test_the_children_end_with_their_nursery_and_the_next_fork_has_another() -> None:
    async def scene(nursery: Nursery) -> None:
        child = await nursery.fork("children:forever", [], {})
        assert nursery._process is not None
        nursery._process.kill()
        assert await asyncio.wait_for(asyncio.shield(child.exit_code), 30) == 128 + signal.SIGKILL
        os.close(child.output)
        code, _ = await outcome(await nursery.fork("children:show", [], {}))
        assert code == 7

    with_nursery(scene)
