"""`./lab open`: JupyterLab and its labcloud come together and go together."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psutil
import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Opened = Callable[[], AbstractContextManager[Any]]

_BY_SIGNAL = pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name
)


def status_of(url: str) -> int:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=20) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def still_alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended a few seconds later; one that nobody has reaped has ended."""
    _, remaining = psutil.wait_procs(
        [process for process in processes if ended_not(process)], timeout=5
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
    return process.cmdline()[1:3] == ["-m", "jupyterlab"]


def test_jupyterlab_answers_who_has_the_token(opened: Opened, environment: dict[str, str]) -> None:
    with opened() as lab_open:
        base = f"http://127.0.0.1:{lab_open.port}"
        runtime = Path(environment["JUPYTER_RUNTIME_DIR"])
        (started,) = [json.loads(file.read_text()) for file in runtime.glob("jpserver-*.json")]

        assert lab_open.url.startswith(f"{base}/lab/tree/labs/01-xgboost-iris/")
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
            said, _ = lab_open.process.communicate(timeout=30)
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
