"""The environment that points a program at labcloud: complete, and nothing else outranks it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from labcloud.client.environment import pointed_at
from labcloud.state.home import Home, Running

RUNNING = Running(pid=1, port=8462, region="eu-west-1", started=0.0)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path / "home")
    found.create()
    return found


def test_what_would_outrank_it_is_taken_out(home: Home) -> None:
    environment = pointed_at(
        home,
        RUNNING,
        {
            "PATH": "/bin",
            "AWS_PROFILE": "work",
            "AWS_SESSION_TOKEN": "t",
            "AWS_ENDPOINT_URL_S3": "http://elsewhere",
            "AWS_ACCESS_KEY_ID": "AKIAREAL",
            "HTTP_PROXY": "http://proxy",
        },
    )
    assert environment["PATH"] == "/bin"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:8462"
    assert environment["AWS_ACCESS_KEY_ID"].startswith("LABC")
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "eu-west-1"
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "HTTP_PROXY"):
        assert name not in environment


def test_somebody_s_plugins_stay_and_ours_comes_once(home: Home) -> None:
    once = pointed_at(home, RUNNING, {"BOTOCORE_EXPERIMENTAL__PLUGINS": "mine=my.plugin"})
    twice = pointed_at(home, RUNNING, once)
    for environment in (once, twice):
        assert environment["BOTOCORE_EXPERIMENTAL__PLUGINS"] == (
            "mine=my.plugin,labcloud=labcloud_botocore"
        )


def test_the_plugin_is_found_by_a_python_without_labcloud(home: Home) -> None:
    """Its folder is on PYTHONPATH once, behind what was there; it needs botocore alone."""
    once = pointed_at(home, RUNNING, {"PYTHONPATH": "/mine"})
    twice = pointed_at(home, RUNNING, once)
    assert once["PYTHONPATH"] == twice["PYTHONPATH"]
    mine, ours = once["PYTHONPATH"].split(os.pathsep)
    assert mine == "/mine"
    code = "import labcloud_botocore, sys; print([n for n in sys.modules if n == 'labcloud'])"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": ours}, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_credentials_are_made_once_and_are_private(home: Home) -> None:
    first, second = pointed_at(home, RUNNING, {}), pointed_at(home, RUNNING, {})
    assert first["AWS_SECRET_ACCESS_KEY"] == second["AWS_SECRET_ACCESS_KEY"]
    assert stat.S_IMODE(home.credentials.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
