"""However a server ends: nothing runs on, and nothing stays in the temporary directory."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from labcloud.client import launch
from labcloud_support.life import SLOW, Life, eventually
from labcloud_support.resources import IMAGE, upload


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary directory of all that the test starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture(autouse=True)
def of_a_terminal() -> Iterator[None]:
    """What is started here has SIGHUP as a terminal's programs have it, under nohup, too."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def training(life: Life, golden: dict[str, Any], request_of: Callable[..., dict[str, Any]]) -> None:
    """Begins a long training job."""
    case = golden["softprob"] | {"hyperparameters": SLOW}
    s3 = life.client("s3")
    upload(s3, "data-of-the-tests", golden, case["channels"].values())
    life.client("sagemaker").create_training_job(**request_of("slow", case))
    eventually(lambda: life.workers(serving=False), "a job trains")


@pytest.mark.parametrize(
    "numbers",
    [[signal.SIGHUP], [signal.SIGTERM, signal.SIGINT, signal.SIGINT]],
)
def test_signals_end_it_in_order(
    tmp_path: Path, temporary: Path, golden: dict[str, Any],
    request_of: Callable[..., dict[str, Any]], numbers: list[signal.Signals],
) -> None:  # fmt: skip
    # Not forked from the tests' template, which was started before.
    life = Life(tmp_path / "home", alone=True)
    training(life, golden, request_of)
    children = life.server.children(recursive=True)
    assert children
    server = life.server
    for number in numbers:
        os.kill(server.pid, number)
    assert eventually(lambda: not life.home.locked(), "the server has ended")
    _, left = psutil.wait_procs(children, timeout=60)
    assert left == []
    assert list(temporary.iterdir()) == []
    assert '"event": "stopped"' in life.home.log.read_text()
    life.begin()
    job = life.client("sagemaker").describe_training_job(TrainingJobName="slow")
    assert job["TrainingJobStatus"] == "Failed"
    life.end(clean=True)


def test_a_killed_server_and_its_starter_leave_nothing_for_long(
    tmp_path: Path, temporary: Path
) -> None:
    words = [sys.executable, "-m", "labcloud", "exec", "--fresh", "--", "sh", "-c", "echo; cat"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout
        assert starter.stdin
        starter.stdout.readline()
        assert {path.name[:13] for path in temporary.iterdir()} == {
            "labcloud-home",
            "labcloud-sock",
        }
        servers = [
            each for each in psutil.Process(starter.pid).children() if "start" in each.cmdline()
        ]
        starter.kill()
        psutil.wait_procs(servers, timeout=60)
        starter.stdin.close()
    # Folders in use, and of others, are left alone.
    (temporary / "labcloud-home-other").mkdir()
    (temporary / "labcloud-home-other" / "file").touch()
    (temporary / "labcloud-home-link").symlink_to(tmp_path)
    life = Life(tmp_path / "home")
    left = {path.name for path in temporary.iterdir()}
    assert left == {
        "labcloud-home-other",
        "labcloud-home-link",
        os.readlink(life.home.path / "sockets").rpartition("/")[2],
    }
    assert launch.stop(life.home)
    assert {path.name for path in temporary.iterdir()} == {
        "labcloud-home-other",
        "labcloud-home-link",
    }


def test_exec_ends_with_its_command(temporary: Path) -> None:
    number = signal.SIGHUP
    words = [sys.executable, "-m", "labcloud", "exec", "--fresh", "--", "sh", "-c", "echo; cat"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout
        starter.stdout.readline()
        starter.send_signal(number)
        assert starter.wait(60) == 128 + number
    assert list(temporary.iterdir()) == []


def test_exec_can_be_ended_while_its_server_starts(temporary: Path) -> None:
    words = [sys.executable, "-m", "labcloud", "exec", "--fresh", "--", "true"]
    with subprocess.Popen(words) as starter:
        eventually(lambda: list(temporary.glob("labcloud-home-*/lock")), "the server has begun")
        starter.send_signal(signal.SIGTERM)
        assert starter.wait(60) in (0, 128 + signal.SIGTERM)
    assert [path for path in temporary.iterdir() if path.name.startswith("labcloud-home")] == []


def test_without_its_state_directory_it_acknowledges_nothing(tmp_path: Path) -> None:
    life = Life(tmp_path / "home")
    s3, sagemaker, ecr = (life.client(name) for name in ("s3", "sagemaker", "ecr"))
    model = {"PrimaryContainer": {"Image": IMAGE}}
    s3.create_bucket(Bucket="before")
    sagemaker.create_model(ModelName="before", **model)
    server = life.server
    shutil.rmtree(life.home.path)
    for ask in (
        lambda: s3.create_bucket(Bucket="after"),
        lambda: s3.put_object(Bucket="before", Key="k", Body=b"x"),
        lambda: sagemaker.create_model(ModelName="after", **model),
        lambda: ecr.create_repository(repositoryName="after"),
    ):
        with pytest.raises(ClientError, match="No such file or directory") as caught:
            ask()
        assert str(tmp_path) not in str(caught.value)
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == ["before"]
    server.terminate()
    server.wait(60)
