"""The command `labcloud`: where the server listens, and what ends it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from labcloud.state.home import Home
from labcloud_support.command import labcloud
from labcloud_support.fakes.hostile.train import dig
from labcloud_support.life import Life


def addresses(life: Life) -> set[str]:
    """Where the server listens."""
    connections = psutil.Process(life.running.pid).net_connections("inet")
    return {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}


def test_it_listens_on_loopback_and_elsewhere_only_if_told(tmp_path: Path) -> None:
    for options, found in (((), "127.0.0.1"), (("--host", "0.0.0.0"), "0.0.0.0")):
        life = Life(tmp_path, *options, alone=True)
        try:
            assert addresses(life) == {found}
        finally:
            life.end(clean=True)


def test_whoever_opens_it_to_others_is_told_what_that_opens(tmp_path: Path) -> None:
    try:
        done = labcloud(tmp_path, "start", "--port", "0", "--lazy", "--host", "0.0.0.0")
        assert done.returncode == 0, done.stderr
        assert done.stderr == (
            "labcloud listens on 0.0.0.0: every computer that reaches this address can send it "
            "requests, without TLS, and only their signatures protect it. The console is open to "
            "this machine only, on 127.0.0.1.\n"
        )
    finally:
        labcloud(tmp_path, "stop")


def test_a_name_is_allowed_by_name(tmp_path: Path) -> None:
    life = Life(tmp_path, "--allow-host", "labcloud")
    try:
        for name, refusal in (
            ("labcloud", "Missing Authentication Token"),
            ("elsewhere", "is not this server"),
        ):
            host = {"Host": f"{name}:{life.running.port}"}
            answer = httpx.get(life.running.url, headers=host, timeout=60, trust_env=False)
            assert answer.status_code == 403
            assert refusal in answer.text
    finally:
        life.end(clean=True)


@pytest.mark.parametrize("address", ["203.0.113.7", "no.such.name.invalid"])
def test_an_address_of_another_machine(tmp_path: Path, address: str) -> None:
    done = labcloud(tmp_path, "start", "--host", address)
    assert done.returncode == 1
    assert done.stderr.startswith(f"labcloud cannot listen on {address}, port ")
    assert "Traceback" not in done.stderr


def test_what_a_job_has_left_holds_up_neither_start_nor_status_nor_reset(tmp_path: Path) -> None:
    Home(tmp_path / "home").create()
    left = tmp_path / "home" / "jobs" / "training-job" / "deep"
    left.mkdir(parents=True)
    dig(left, 1500)
    life = Life(tmp_path / "home")
    assert not left.exists()
    left.mkdir(parents=True)
    dig(left, 1500)
    status = labcloud(tmp_path / "home", "status")
    assert (status.returncode, status.stderr) == (0, "")
    assert life.home.running()
    reset = labcloud(tmp_path / "home", "reset", "--yes")
    assert (reset.returncode, reset.stderr) == (0, "")
    assert not (tmp_path / "home").exists()


def test_nor_the_end_of_a_server_for_one_command(tmp_path: Path) -> None:
    """`exec` deletes the server's files with whatever a job has left among them."""
    deep = (
        "import os, sys; from pathlib import Path\n"
        "home = Path(os.environ['LABCLOUD_HOME']); print(home); folder = home / 'jobs' / 'left'\n"
        "folder.mkdir(parents=True); os.chdir(folder)\n"
        "for _ in range(1500): os.mkdir('d'); os.chdir('d')\n"
    )
    done = labcloud(tmp_path, "exec", "--fresh", "--", sys.executable, "-c", deep)
    assert (done.returncode, done.stderr) == (0, "")
    assert not Path(done.stdout.strip()).exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "--port", "99999"), "argument --port: 99999 is no port"),
        (("start", "--port", "-1"), "argument --port: -1 is no port"),
        (("start", "--port", "http"), "argument --port: http is no port"),
        (("start", "--region", "narnia"), "argument --region: AWS has no region narnia"),
        (("start", "--max-payload", "0"), "argument --max-payload: 0 is no size"),
        (("start", "--max-payload", "-5"), "argument --max-payload: -5 is no size"),
        (("start", "--allow-host", "http://foo"), "argument --allow-host: http://foo is no name"),
        (("start", "--allow-host", "foo:80"), "argument --allow-host: foo:80 is no name"),
        (("start", "--allow-host", ""), "argument --allow-host:  is no name"),
        (("start", "--timing", "x=1"), "There is no waiting time 'x'. There are: describe,"),
        (("env", "--wait", "nan"), "argument --wait: nan is no time"),
        (("push", ".", "own:"), "argument NAME[:TAG]: 'own:' is no name of an image"),
        (("push", ".", "localhost:5000/own"), "argument NAME[:TAG]: 'localhost:5000/own' is no"),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = labcloud(tmp_path / "home", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_an_unknown_option_shows_how_its_command_is_used(tmp_path: Path) -> None:
    done = labcloud(tmp_path, "status", "--all")
    assert done.returncode == 2
    assert done.stderr.startswith("usage: labcloud status")
    assert "labcloud status: error: unrecognized arguments: --all" in done.stderr


def test_a_server_that_runs_keeps_its_options(tmp_path: Path) -> None:
    life = Life(tmp_path)
    try:
        port = str(life.running.port)
        for words in ((), ("--port", port), ("--port", "0", "--region", "us-east-1")):
            done = labcloud(tmp_path, "start", *words)
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout == f"labcloud already runs on {life.running.url}\n"
        other = ("--region", "eu-west-1", "--host", "0.0.0.0", "--max-payload", "5", "--lazy")
        done = labcloud(tmp_path, "start", "--port", port, *other)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(
            f"labcloud already runs on {life.running.url}; these options have no effect: "
            "--host 0.0.0.0 --region eu-west-1 --max-payload 5 --lazy. "
        )
    finally:
        life.end(clean=True)


def test_whoever_reads_one_line_only_is_told_of_no_error(tmp_path: Path) -> None:
    life = Life(tmp_path)
    try:
        for unbuffered in ("", "1"):
            done = subprocess.run(
                ["sh", "-c", f"{sys.executable} -m labcloud status | head -n 1"],
                env=os.environ | {"LABCLOUD_HOME": str(tmp_path), "PYTHONUNBUFFERED": unbuffered},
                capture_output=True, text=True,
            )  # fmt: skip
            assert done.stderr == ""
            assert re.match(r"labcloud +http://", done.stdout)
        # One that has gone before anything was written.
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "-m", "labcloud", "status"],
            env=os.environ | {"LABCLOUD_HOME": str(tmp_path)},
            stdout=writing, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.close(writing)
        assert (done.returncode, done.stderr) == (141, "")
    finally:
        life.end(clean=True)


def test_a_server_that_answers_something_else(tmp_path: Path) -> None:
    """It was said that labcloud could not write to its state directory."""
    life = Life(tmp_path)
    try:
        credentials = life.home.credentials
        kept = credentials.read_text()
        credentials.write_text('{"access_key": "LABCX", "secret_key": "x"}')
        done = labcloud(tmp_path, "status")
        credentials.write_text(kept)
        assert (done.returncode, done.stdout) == (1, "")
        assert "did not answer when it was asked for its status: HTTP Error 403" in done.stderr
        assert "cannot write" not in done.stderr
    finally:
        life.end(clean=True)
