"""The course's commands as processes: a state directory of their own, nothing to install."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.opening import printed_url

ROOT = Path(__file__).parents[2]
_SECONDS = 180.0

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def of_a_terminal() -> Iterator[None]:
    """What is started here has the signals of a terminal's programs, whatever started the tests.

    nohup has SIGHUP ignored, and a shell SIGINT of what it runs in the background.
    """
    hangup = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGHUP, hangup)
    signal.signal(signal.SIGINT, interrupt)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The state directory of the test's labcloud."""
    return tmp_path / "state"


@pytest.fixture
def environment(tmp_path: Path, state: Path) -> dict[str, str]:
    """A user who has everything installed, and no Jupyter, AWS or pip settings."""
    ours = ("AWS_", "JUPYTER", "PIP_", "LAB_", "LABCLOUD_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    user = tmp_path / "user"
    user.mkdir()
    return kept | {
        "HOME": str(user),
        "LAB_NO_SETUP": "1",
        "LABCLOUD_HOME": str(state),
        "JUPYTER_RUNTIME_DIR": str(user / "runtime"),
    }


@pytest.fixture
def lab(environment: dict[str, str], state: Path) -> Iterator[Run]:
    """Runs `lab` with some words to its end; keywords are more environment variables."""
    yield _runner([sys.executable, "lab"], environment)
    _runner([sys.executable, "-m", "labcloud"], environment)("stop")


@pytest.fixture
def labcloud(lab: Run, environment: dict[str, str]) -> Run:
    """Runs `labcloud` on the same state directory."""
    return _runner([sys.executable, "-m", "labcloud"], environment)


def _runner(command: list[str], environment: dict[str, str]) -> Run:
    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *words],
            cwd=ROOT,
            env=environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )

    return run


@pytest.fixture
def server(state: Path) -> Callable[[], Any]:
    """What the running labcloud says of itself: pid, port, region."""
    return lambda: SimpleNamespace(**json.loads((state / "server.json").read_text()))


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])


@pytest.fixture
def opened(
    lab: Run, environment: dict[str, str], free_port: int
) -> Callable[..., AbstractContextManager[Any]]:
    """Runs `lab open` as long as the context lasts: its process, its port, the URL it prints."""

    @contextlib.contextmanager
    def open_labs(*words: str) -> Iterator[Any]:
        with subprocess.Popen(
            [sys.executable, "lab", "open", "--no-browser", "--port", str(free_port), *words],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                url = printed_url(process)
                yield SimpleNamespace(process=process, port=free_port, url=url)
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                try:
                    process.communicate(timeout=_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise

    return open_labs
