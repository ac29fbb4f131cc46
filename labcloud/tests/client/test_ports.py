"""Where a server listens that was not told where, and what it says about it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcloud.client import launch
from labcloud.state.home import Home
from labcloud_support.command import labcloud
from labcloud_support.needs import unavailable

_QUICK = ("--lazy", "--engine", "process")


@contextlib.contextmanager
def taken(port: int = 0) -> Iterator[int]:
    """A port that is another program's."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen()
        yield listening.getsockname()[1]


def started(folder: Path, *words: str) -> str:
    done = labcloud(folder, "start", *_QUICK, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_port_that_is_taken_is_told_of_and_tried_again(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    try:
        with taken() as port:
            home.create()
            home.remember_ports(port, port)
            first = started(home.path)
            running = home.running()
            assert running and running.port != port
            moved = f"Port {port} is in use by another program. The next start tries it again."
            assert first == f"labcloud runs on {running.url}\n{moved}\n"
            launch.stop(home)
            # While it is taken, open programs find the server where it was.
            assert started(home.path) == first
            launch.stop(home)
        assert started(home.path) == f"labcloud runs on http://127.0.0.1:{port}\n"
    finally:
        launch.stop(home)


def test_one_in_the_foreground_says_where_it_is(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "labcloud", "start", "--foreground", "--port", "0", *_QUICK],
        env=os.environ | {"LABCLOUD_HOME": str(tmp_path)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout
        said = server.stdout.readline()
        running = Home(tmp_path).running()
        assert running and said == f"labcloud runs on {running.url}\n"
    finally:
        server.terminate()
        server.communicate()


def test_the_port_of_http_itself(tmp_path: Path) -> None:
    """Clients leave it out of the Host, and so it must not be signed."""
    try:
        with taken(80):
            pass
    except OSError as error:
        unavailable(f"port 80 cannot be taken: {error.strerror}")
    home = Home(tmp_path)
    try:
        assert started(tmp_path, "--port", "80") == "labcloud runs on http://127.0.0.1\n"
        for words in (("status",), ("exec", "--", sys.executable, "-c", _ASK)):
            done = labcloud(tmp_path, *words)
            assert (done.returncode, done.stderr) == (0, "")
    finally:
        launch.stop(home)


_ASK = "import boto3; boto3.client('sagemaker').list_models()"


def test_a_stop_that_takes_long_says_what_it_waits_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    try:
        started(tmp_path, "--port", "0")
        running = home.running()
        assert running
        # It cannot end as long as it stands still.
        os.kill(running.pid, signal.SIGSTOP)
        monkeypatch.setattr(launch, "_QUIET_SECONDS", 0.1)
        monkeypatch.setattr(launch, "_STOP_SECONDS", 0.2)
        said = list[str]()
        launch.stop(home, said.append)
        assert "and for the programs of its jobs and endpoints to end" in said[0]
        assert str(home.log) in said[0]
        assert said[1:] == ["labcloud did not end within 0 s, and is killed."]
        assert not home.locked()
    finally:
        launch.stop(home)
