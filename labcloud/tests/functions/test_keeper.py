"""One process of a function, from the server's side, and where the kernel gives no namespaces."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT

from labcloud.aws.logs import Logs
from labcloud.functions import keeper, runtime
from labcloud.functions.keeper import TASK, Plan
from labcloud.functions.log import Log
from labcloud.functions.memory import descendants
from labcloud.functions.process import Process, StartTimedOut
from labcloud.functions.results import Result
from labcloud.functions.runtime_api import Event
from labcloud_support.theatre import Theatre

REFUSES = f"""
import os, sys, types
package = types.ModuleType("labcloud")
package.__path__ = [{str(Path(keeper.__file__).parents[1])!r}]
sys.modules["labcloud"] = package
from labcloud.containers.published import private
def refuse(*_, **__):
    raise private.Forbidden("only Linux has namespaces")
private.enter = refuse
from labcloud.functions import keeper
os._exit(keeper.main(int(sys.argv[1]), int(sys.argv[2])))
"""
LOOKS = """
import os, boto3
def handler(event, context):
    with open(os.path.join(os.environ["TMPDIR"], "mine"), "w") as file:
        file.write("x")
    try:
        import numpy
        found = numpy.__file__
    except ImportError:
        found = "no numpy"
    return [os.getcwd() == os.environ["LAMBDA_TASK_ROOT"], found, sorted(os.environ)[0]]
"""


class Stage:
    """Scenes with the process of a function whose code is a text."""

    def __init__(self, folder: Path, theatre: Theatre) -> None:
        self.folder = folder
        self.logs = Logs(ACCOUNT, "us-east-1", folder / "logs")
        self._theatre = theatre

    def play(self, text: str, scene: Callable[[Process], Awaitable[None]]) -> None:
        """A scene that begins with the start of the function's process."""

        async def run() -> None:
            async with self._process(text) as process:
                await scene(process)

        self._theatre.play(run())

    def play_ready(self, text: str, scene: Callable[[Process], Awaitable[None]]) -> None:
        """A scene that begins when the function is ready."""

        async def run(process: Process) -> None:
            assert await process.ready("id", 30.0) is None
            await scene(process)

        self.play(text, run)

    @contextlib.asynccontextmanager
    async def _process(self, text: str) -> AsyncIterator[Process]:
        for each in ("code", "root", "spare"):
            (self.folder / each).mkdir(exist_ok=True)
        (self.folder / "code" / "main.py").write_text(text)
        log = Log(self.logs, f"/aws/lambda/{uuid.uuid4().hex}")
        environment = runtime.variables(
            "f", 128, log.name, "group", "main.handler", "us-east-1", "python3.13"
        )
        plan: Plan = {
            "python": runtime.interpreter(), "handler": "main.handler", "environment": environment,
            "places": {TASK: str(self.folder / "code"), **runtime.files()},
            "staging": str(self.folder / "root"), "spare": str(self.folder / "spare"),
            "hidden": runtime.hidden(self.folder), "readable": runtime.readable(),
            "storage": 2**20, "memory": 2**27,
        }  # fmt: skip
        process = await Process.begin(plan, log)
        try:
            yield process
        finally:
            await process.end()


async def called(process: Process, event: bytes = b"1", seconds: float = 30.0) -> Result:
    deadline = int((time.time() + seconds) * 1000)
    return await process.invoke(
        Event(str(uuid.uuid4()), event, deadline, "arn", "", "Root=1"), seconds, 3
    )


@pytest.fixture
def stage(tmp_path: Path, theatre: Theatre) -> Stage:
    return Stage(tmp_path, theatre)


def test_without_namespaces_a_function_finds_its_files(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "refuses.py"
    script.write_text(REFUSES)
    monkeypatch.setattr(keeper, "__file__", str(script))

    async def scene(process: Process) -> None:
        done = await called(process)
        assert done == Result(b'[true, "no numpy", "AWS_DEFAULT_REGION"]')
        assert (tmp_path / "spare" / "tmp" / "mine").read_text() == "x"

    stage.play_ready(LOOKS, scene)


@pytest.mark.parametrize(
    ("text", "waits"),
    [
        ("import time\ntime.sleep(60)", True),
        ("import os\nos._exit(7)", False),
    ],
)
def test_a_start_that_comes_to_nothing(stage: Stage, text: str, waits: bool) -> None:
    async def scene(process: Process) -> None:
        if waits:
            with pytest.raises(StartTimedOut):
                await process.ready("id", 0.2)
        else:
            found = await process.ready("id", 30.0)
            assert found is not None
            assert b"Runtime exited with error: exit status 7" in found.payload

    stage.play(text, scene)


def test_a_process_that_never_asks_for_its_next_event(stage: Stage) -> None:
    text = (
        "import threading, time\n"
        "def handler(event, context):\n"
        "    import runtime_client\n"
        "    runtime_client.next = lambda: time.sleep(600)\n"
        "    return 1\n"
    )

    async def scene(process: Process) -> None:
        assert (await called(process)).payload == b"1"
        done = await called(process, seconds=0.3)
        assert b"Sandbox.Timedout" in done.payload
        assert done.fatal

    stage.play_ready(text, scene)


def test_a_keeper_ends_with_its_server(stage: Stage) -> None:
    text = (
        "import os, time\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os.setsid()\n"
        "    time.sleep(600)\n"
        "def handler(event, context): return child\n"
    )

    async def scene(process: Process) -> None:
        assert (await called(process)).payload
        pids = descendants(process._child.pid)
        # The function, its child, and what keeps both together.
        assert len(pids) >= 2
        # As when the server is killed: its end of the socket closes, with what nobody has read.
        process._tasks[0].cancel()
        await asyncio.wait(process._tasks[:1])
        await process._tell({"measure": True})
        await asyncio.get_running_loop().run_in_executor(
            None, select.select, [process._control], [], []
        )
        process._control.close()
        await asyncio.wait_for(process._child.wait(), 60)
        for pid in pids:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)

    stage.play_ready(text, scene)


def test_one_that_has_nothing_to_do_is_stopped(stage: Stage) -> None:
    """With what it has started. A memory that only a file holds counts, too."""
    text = (
        "import itertools, os, subprocess, threading, time\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "def handler(event, context):\n"
        "    if event == 2:\n"
        "        file = os.memfd_create('large')\n"
        "        for _ in range(200): os.write(file, bytes(2**20))\n"
        "        time.sleep(60)\n"
        "    return event\n"
    )

    async def scene(process: Process) -> None:
        await called(process)
        await process.watch(on=False)
        below = {pid for pid in descendants(process._child.pid) if b"keeper" not in _said(pid)}
        assert len(below) == 2
        while {_state(pid) for pid in below} != {"T"}:
            await asyncio.sleep(0.01)
        await process.watch(on=True)
        assert (await called(process)).payload == b"1"
        # One after the other goes on, and the first may answer before the last does.
        while "T" in {_state(pid) for pid in below}:
            await asyncio.sleep(0.01)
        done = await called(process, b"2")
        assert (done.status, done.error_type) == ("error", "Runtime.OutOfMemory")

    stage.play_ready(text, scene)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _said(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
