"""Real children of a real nursery: their output, exit codes, signals, and their end with it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from labcloud.containers.process import looked_after
from labcloud.containers.process import nursery as of_the_server
from labcloud.containers.process.nursery import Child, ForkFailed, Nursery


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


async def until_gone(pid: int) -> None:
    """For a process that is not ours to wait for."""
    while not gone(pid):
        await asyncio.sleep(0.01)


async def first_number(child: Child) -> int:
    with os.fdopen(os.dup(child.output), "r") as output:
        return int(await asyncio.to_thread(output.readline))


def test_a_child_that_nobody_wants_any_more_ends_with_the_request() -> None:
    """Its folder is about to be deleted."""

    async def scene(nursery: Nursery) -> None:
        # The nursery itself is there.
        await outcome(await nursery.fork("children:show_threads", [], {}))
        asking = asyncio.create_task(nursery.fork("children:forever", [], {}))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert nursery._children == {}
        assert nursery._forked is not None
        assert gone(nursery._forked.result().pid)

    with_nursery(scene)


def test_libraries_that_were_there_before_keep_to_a_child_s_share_of_the_cores() -> None:
    """They read OMP_NUM_THREADS when they are loaded, which was before the child was."""

    async def scene(nursery: Nursery) -> None:
        child = await nursery.fork("children:show_threads", [], {"OMP_NUM_THREADS": "1"})
        _, output = await outcome(child)
        threads = json.loads(output)
        assert threads and set(threads) == {1}

    with_nursery(scene)


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
        grandchild = await first_number(child)
        child.signal(signal.SIGTERM)
        code, _ = await outcome(child)
        assert code == 128 + signal.SIGTERM
        assert gone(child.pid)
        await until_gone(grandchild)

    with_nursery(scene)


def test_a_child_that_ends_takes_what_it_has_hidden_with_it() -> None:
    async def scene(nursery: Nursery) -> None:
        child = await nursery.fork("children:with_hidden_grandchild", [], {})
        hidden = await first_number(child)
        # One that belongs to a job that goes on is left alone.
        other = await nursery.fork("children:with_hidden_grandchild", [], {})
        kept = await first_number(other)
        child.signal(signal.SIGKILL)
        await outcome(child)
        await until_gone(hidden)
        assert not gone(kept)
        other.signal(signal.SIGKILL)
        await outcome(other)
        await until_gone(kept)

    with_nursery(scene)


SERVER = """
import asyncio, os
from labcloud.containers.process.kernel import adopt_orphans
from labcloud.containers.process.nursery import Nursery

async def serve():
    adopt_orphans()
    nursery = Nursery()
    child = await nursery.fork("children:with_hidden_grandchild", [], {})
    print(child.pid, nursery._process.pid, int(os.read(child.output, 100)), flush=True)
    await child.exit_code
    print("the worker ended", flush=True)
    await asyncio.Event().wait()

asyncio.run(serve())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
@pytest.mark.parametrize("killed", ["server", "forks"])
def test_nothing_is_left_of_a_server_or_a_process_of_forks_that_is_killed(killed: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        worker, forks, hidden = map(int, server.stdout.readline().split())
        os.kill(server.pid if killed == "server" else forks, signal.SIGKILL)
        try:
            if killed == "forks":
                assert server.stdout.readline() == "the worker ended\n"
            for pid in (worker, forks, hidden):
                asyncio.run(asyncio.wait_for(until_gone(pid), 30))
        finally:
            server.kill()


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


def test_the_children_end_with_a_nursery_that_has_to_be_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(of_the_server, "_PATIENCE", 0.2)

    async def scene(nursery: Nursery) -> None:
        child = await nursery.fork("children:forever", [], {})
        os.kill(nursery._process.pid, signal.SIGSTOP)  # type: ignore[union-attr]
        await nursery.close()
        assert child.exit_code.done()
        assert child.exit_code.result() == 128 + signal.SIGKILL
        os.close(child.output)
        await asyncio.wait_for(until_gone(child.pid), 30)

    with_nursery(scene)


def test_a_fork_that_fails_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine had no process left: the process that forks ended, and all workers with it."""
    full = tmp_path / "full"
    (tmp_path / "sitecustomize.py").write_text(
        f"""import os
fork = os.fork
def limited():
    if os.path.exists({str(full)!r}):
        raise BlockingIOError(11, "Resource temporarily unavailable")
    return fork()
os.fork = limited
"""
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{Path(__file__).parent}")

    async def scene(nursery: Nursery) -> None:
        runs = await nursery.fork("children:forever", [], {})
        full.touch()
        with pytest.raises(ForkFailed, match="Resource temporarily unavailable"):
            await nursery.fork("children:forever", [], {})
        full.unlink()
        other = await nursery.fork("children:forever", [], {})
        assert not runs.exit_code.done()
        for child in (runs, other):
            child.signal(signal.SIGKILL)
            assert (await outcome(child))[0] == 137

    with_nursery(scene)


_NEIGHBOURS = """
import asyncio, sys
from labcloud.containers.process import looked_after, nursery
from labcloud.containers.process.kernel import adopt_orphans

async def sleeper(*descriptors):
    return await asyncio.create_subprocess_exec("sleep", "600", pass_fds=descriptors)

async def main():
    with looked_after.starting() as pids:
        kept = await sleeper()
        pids.add(kept.pid)
    stray = await sleeper()
    nursery.begin = sleeper
    found = nursery.Nursery()
    await found.start()
    found._process.kill()
    await found._reader
    ended = await asyncio.wait_for(stray.wait(), 30)
    print(kept.returncode, ended != 0)
    kept.kill()
    await kept.wait()
    looked_after.ended(kept.pid)

adopt_orphans()
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_its_death_spares_what_others_look_after() -> None:
    """In a process of its own, for it adopts orphans."""
    source = str(Path(looked_after.__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", _NEIGHBOURS], env={**os.environ, "PYTHONPATH": source},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "None True\n", done.stderr
