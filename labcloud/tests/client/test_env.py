"""`labcloud env`: what a shell reads, in the shell of somebody who uses AWS."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labcloud.state.home import Home, HomeInUse, Running
from labcloud_support.command import labcloud
from labcloud_support.life import Life

# What this shell has in the way, and what is none of labcloud's business.
MINE = {
    "AWS_SESSION_TOKEN": "t",
    "AWS_PROFILE": "work",
    "AWS_ENDPOINT_URL_SAGEMAKER": "https://sagemaker.eu-west-1.amazonaws.com",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_ACCESS_KEY_ID": "AKIA",
    "EDITOR": "vi",
}


def evaluated(said: str) -> dict[str, str]:
    """The environment of a shell that has read `labcloud env`."""
    done = subprocess.run(
        ["sh", "-c", 'eval "$SAID" && env -0'],
        env={"PATH": os.environ["PATH"], "SAID": said, **MINE}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return dict(each.split("=", 1) for each in done.stdout.split("\0") if each)


def test_the_variables_are_enough_for_an_sdk_and_nothing_overrides_them(tmp_path: Path) -> None:
    life = Life(tmp_path)
    try:
        found = evaluated(labcloud(tmp_path, "env", **MINE).stdout)
        assert found["EDITOR"] == "vi"
        assert [name for name in MINE if found.get(name) == MINE[name]] == ["EDITOR"]
        asked = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'],"
        asked += "boto3.client('sagemaker').meta.endpoint_url)"
        done = subprocess.run(
            [sys.executable, "-c", asked], env=found, capture_output=True, text=True
        )
        assert done.stdout == f"123456789012 {life.running.url}\n", done.stderr
        # In a container, the shell's own variables are not known: the services' are guessed.
        elsewhere = evaluated(labcloud(tmp_path, "env", LABCLOUD_SHELL="outside").stdout)
        assert "AWS_ENDPOINT_URL_SAGEMAKER" not in elsewhere
        # Nor do a container's paths mean anything to it.
        assert {name for name in elsewhere if name not in MINE} <= {
            "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION",
            "AWS_DEFAULT_REGION", "AWS_EC2_METADATA_DISABLED", "PATH", "PWD", "SAID",
        }  # fmt: skip
    finally:
        life.end(clean=True)


def test_clients_that_were_given_an_address_of_aws_call_labcloud_too(tmp_path: Path) -> None:
    """So does the SageMaker SDK's client for STS, with which it finds out a role."""
    life = Life(tmp_path)
    try:
        found = evaluated(labcloud(tmp_path, "env", **MINE).stdout)
        asked = "from sagemaker.core.helper.session_helper import get_execution_role\n"
        asked += "print(get_execution_role())"
        done = subprocess.run(
            [sys.executable, "-c", asked], env=found, capture_output=True, text=True
        )
        assert done.stdout.strip().startswith("arn:aws:iam::123456789012:role/"), done.stderr
        # Nothing is reported to AWS, either.
        assert "TelemetryOptOut: true" in Path(found["SAGEMAKER_USER_CONFIG_OVERRIDE"]).read_text()
    finally:
        life.end(clean=True)


def test_a_shell_does_not_go_on_to_aws_without_a_server(tmp_path: Path) -> None:
    done = labcloud(tmp_path, "env")
    assert done.returncode == 3
    assert "labcloud is not running" in done.stderr
    assert subprocess.run(["sh", "-c", f"eval '{done.stdout}' && echo went on"]).returncode == 1


@pytest.mark.parametrize("how", ["told", "by the variable", "it is starting"])
def test_it_waits_for_a_server_that_does_not_answer_yet(tmp_path: Path, how: str) -> None:
    home = Home(tmp_path)
    if how == "it is starting":
        home.acquire()

    def answer() -> None:
        if how != "it is starting":
            home.acquire()
        home.announce(Running(os.getpid(), 8462, "us-east-1", 0.0))

    later = threading.Timer(1.5, answer)
    later.start()
    words = ("--wait", "30") if how == "told" else ()
    variables = {"LABCLOUD_WAIT": "30"} if how == "by the variable" else {}
    try:
        done = labcloud(tmp_path, "env", *words, **variables)
    finally:
        later.join()
        home.release()
    assert (done.returncode, done.stderr) == (0, "")
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:8462\n" in done.stdout


def test_it_does_not_wait_longer_than_it_was_told(tmp_path: Path) -> None:
    assert labcloud(tmp_path, "env", "--wait", "0.2").returncode == 3


def test_what_a_killed_server_has_announced_is_gone_with_the_next(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.create()
    home.announce(Running(1, 8462, "us-east-1", 0.0))
    home.acquire()
    try:
        assert home.running() is None
    finally:
        home.release()


def test_whoever_asks_does_not_keep_a_server_from_starting(tmp_path: Path) -> None:
    """A question holds the lock for a moment."""
    Home(tmp_path).create()
    asked = threading.Event()

    def ask() -> None:
        while not asked.is_set():
            Home(tmp_path).locked()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(200):
            home = Home(tmp_path)
            home.acquire()
            home.release()
    finally:
        asked.set()
        asking.join()


def test_nor_does_whoever_asks_for_long(tmp_path: Path) -> None:
    """A process that asks may have to wait for a processor, with the lock in its hands."""
    home = Home(tmp_path)
    # The lock names its last owner: in a container, each server has the same number.
    home.acquire()
    home.release()
    asks = os.open(tmp_path / "lock", os.O_RDWR)
    fcntl.flock(asks, fcntl.LOCK_SH)
    answered = threading.Timer(0.5, os.close, [asks])
    answered.start()
    try:
        assert not home.locked()
        home.acquire()
        home.release()
    finally:
        answered.join()


def test_a_server_that_runs_keeps_the_next_from_starting(tmp_path: Path) -> None:
    first = Home(tmp_path)
    first.acquire()
    try:
        assert first.locked()
        with pytest.raises(HomeInUse, match=rf"\(process {os.getpid()}\)"):
            Home(tmp_path).acquire()
    finally:
        first.release()
    assert not first.locked()
