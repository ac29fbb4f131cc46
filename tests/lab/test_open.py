"""`./lab open`: JupyterLab and its labcloud come together and go together."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]
Opened = Callable[..., AbstractContextManager[Any]]

_CONSOLE = re.compile(r"The console .*: http://127\.0\.0\.1:\d+/_console/\?token=\S+")
_BY_SIGNAL = pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name
)


def status_of(url: str) -> int:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=60) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def still_alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended a minute later; one that nobody has reaped has ended."""
    _, remaining = psutil.wait_procs(
        [process for process in processes if ended_not(process)], timeout=60
    )
    return [process for process in remaining if ended_not(process)]


def ended_not(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def is_jupyterlab(process: psutil.Process) -> bool:
    """Whether this is one. A process that JupyterLab ran for a moment may be gone by now."""
    try:
        return process.cmdline()[1:3] == ["-m", "jupyterlab"]
    except psutil.NoSuchProcess:
        return False


def test_jupyterlab_answers_who_has_the_token(opened: Opened, environment: dict[str, str]) -> None:
    with opened() as lab_open:
        base = f"http://127.0.0.1:{lab_open.port}"
        runtime = Path(environment["JUPYTER_RUNTIME_DIR"])
        (started,) = [json.loads(file.read_text()) for file in runtime.glob("jpserver-*.json")]

        assert lab_open.url.startswith(f"{base}/lab/tree/work/01-xgboost-iris/")
        assert (ROOT / urlsplit(lab_open.url).path.removeprefix("/lab/tree/")).is_file()
        assert status_of(lab_open.url) == 200
        assert status_of(f"{base}/api/contents?token={started['token']}") == 200
        assert status_of(f"{base}/api/contents") == 403
        assert status_of(f"{base}/api/contents?token=guessed") == 403


@_BY_SIGNAL
def test_a_signal_stops_jupyterlab_and_the_labcloud_that_came_with_it(
    opened: Opened, lab: Run, server: Callable[[], Any], number: signal.Signals
) -> None:
    with opened() as lab_open:
        processes = family(lab_open.process.pid) + family(server().pid)
        assert any(is_jupyterlab(process) for process in processes)

        lab_open.process.send_signal(number)
        said, _ = lab_open.process.communicate(timeout=60)

        assert lab_open.process.returncode == 0, said.decode()
        assert "Traceback" not in said.decode()
        assert still_alive(processes) == []
        assert lab("status").returncode == 3


@pytest.mark.slow
def test_a_jupyterlab_that_does_not_stop_is_killed(
    opened: Opened, lab: Run, server: Callable[[], Any]
) -> None:
    """It can wait for its own threads for ever, after a notebook was open."""
    with opened() as lab_open:
        processes = family(lab_open.process.pid) + family(server().pid)
        jupyter = next(process for process in processes if is_jupyterlab(process))
        jupyter.suspend()
        try:
            lab_open.process.send_signal(signal.SIGINT)
            said, _ = lab_open.process.communicate(timeout=60)
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                jupyter.resume()

        assert lab_open.process.returncode == 0, said.decode()
        assert still_alive(processes) == []
        assert lab("status").returncode == 3


@_BY_SIGNAL
def test_a_labcloud_that_ran_before_goes_on(
    opened: Opened, labcloud: Run, server: Callable[[], Any], number: signal.Signals
) -> None:
    labcloud("start", "--port", "0")
    before = server()
    with opened() as lab_open:
        jupyter = family(lab_open.process.pid)
        lab_open.process.send_signal(number)
        lab_open.process.communicate(timeout=60)

    assert still_alive(jupyter) == []
    assert server() == before
    assert labcloud("status").returncode == 0


def test_a_second_open_leads_to_the_first_and_does_no_harm(
    opened: Opened, lab: Run, server: Callable[[], Any]
) -> None:
    with opened("--stored") as first:
        running = server()
        # What it starts looks like it for a moment, and comes after it.
        jupyter, *_ = filter(is_jupyterlab, family(first.process.pid))
        # Its own port is no reason to complain, nor is another one.
        for words in ([], ["--port", str(first.port)]):
            second = lab("open", "--no-browser", "--stored", *words)
            assert second.returncode == 0, second.stderr
            lines = second.stdout.splitlines()
            assert lines[0] == f"JupyterLab runs already on {first.url}"
            # An address of its own: the first one's may have been used.
            assert _CONSOLE.fullmatch(lines[1])
            assert lines[2:] == ["Ctrl-C in its own terminal stops it."]
        # The same JupyterLab has both folders.
        assert f" {first.url.replace('/labs/', '/work/')}\n" in lab("open", "--no-browser").stdout
        assert server() == running
        assert ended_not(jupyter)
        assert status_of(first.url) == 200

    assert lab("status").returncode == 3


def test_a_second_open_starts_a_labcloud_that_was_stopped(
    opened: Opened, lab: Run, server: Callable[[], Any]
) -> None:
    with opened() as first:
        before = server()
        lab("stop")
        second = lab("open", "--no-browser")
        assert second.returncode == 0, second.stderr
        assert f"runs already on {first.url}\n" in second.stdout
        # The kernels of the first find it where it was.
        assert (server().port, server().pid != before.pid) == (before.port, True)

    # The first has stopped what it had started, whoever started it again.
    assert lab("status").returncode == 3


def test_two_at_a_time_are_one_jupyterlab(opened: Opened, environment: dict[str, str]) -> None:
    with opened() as first:
        pass
    # What the first has noted is of the past.
    command = [sys.executable, "lab", "open", "--no-browser", "--port", str(first.port)]
    both = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    try:
        deadline = time.monotonic() + 120
        while all(process.poll() is None for process in both):
            assert time.monotonic() < deadline, "neither of the two has found the other"
            time.sleep(0.05)
        (one,) = [process for process in both if process.poll() is None]
        (other,) = [process for process in both if process.poll() is not None]
        said, _ = other.communicate()
        assert one.stdout
        theirs = list(itertools.takewhile("Ctrl-C here stops it.\n".__ne__, one.stdout))
        one.send_signal(signal.SIGINT)
        one.communicate(timeout=60)
    finally:
        for process in both:
            process.kill()
    assert other.returncode == 0, said
    (address,) = re.findall(r"^JupyterLab runs already on (\S+)$", said, re.M)
    assert f"JupyterLab runs on {address}\n" in theirs
    assert any(_CONSOLE.fullmatch(line.rstrip()) for line in theirs)
    assert address != first.url


def test_a_killed_open_is_not_taken_for_a_running_one(opened: Opened, lab: Run) -> None:
    with opened() as killed:
        jupyter = next(each for each in family(killed.process.pid) if is_jupyterlab(each))
        killed.process.kill()
        killed.process.wait()
        jupyter.kill()
        psutil.wait_procs([jupyter])
        with opened() as after:
            assert after.url != killed.url
            assert status_of(after.url) == 200


def test_open_where_the_note_cannot_be_written(
    opened: Opened, environment: dict[str, str], state: Path
) -> None:
    state.with_name("state.open").mkdir()
    with opened() as lab_open:
        assert status_of(lab_open.url) == 200
