"""What `./lab` and its commands do and say, each run as a user runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]

COMMANDS = ["open", "test", "run", "refresh", "print", "room", "exec", "console", "start",
            "status", "stop", "reset"]  # fmt: skip
PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"
ASK_AWS = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"


def test_help_names_every_command(lab: Run) -> None:
    ended = lab("--help")
    assert ended.returncode == 0
    assert [name for name in COMMANDS if f"    {name} " not in ended.stdout] == []


def test_no_command_is_an_error_that_names_the_usage(lab: Run) -> None:
    ended = lab()
    assert ended.returncode == 2
    assert "usage: lab" in ended.stderr


def test_status_when_nothing_runs(lab: Run, state: Path) -> None:
    ended = lab("status")
    assert ended.returncode == 3
    assert ended.stdout == f"labcloud is not running. Its state directory is {state}.\n"
    assert not state.exists()


def test_status_says_what_runs(lab: Run, labcloud: Run, server: Callable[[], Any]) -> None:
    labcloud("start", "--port", "0", "--region", "eu-central-1")
    ended = lab("status")
    assert ended.returncode == 0
    assert f"http://127.0.0.1:{server().port} (process {server().pid}" in ended.stdout
    lines = [(line[:20].strip(), line[20:]) for line in ended.stdout.splitlines()]
    assert [line[0] for line in lines] == [
        "labcloud", "region", "state", "engine", "training jobs", "tuning jobs", "transform jobs",
        "processing jobs", "pipeline executions", "endpoints", "functions",
        "APIs",
    ]  # fmt: skip
    assert re.search(r", up \d+s\)$", lines[0][1])
    assert lines[1][1] == "eu-central-1"
    assert re.search(r" \(\d+\.\d MB\)$", lines[2][1])
    assert lines[3][1].startswith("processes")
    assert [line[1] for line in lines[4:]] == ["none"] * 8


def unread(environment: dict[str, str], command: str) -> tuple[int, str]:
    """The exit code, and the errors, of a command whose reader has gone before it begins."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as output:
        ended = subprocess.run(
            [sys.executable, "lab", command],
            cwd=ROOT, env=environment, stdout=output, stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_a_reader_who_has_read_enough_is_no_fault(
    lab: Run, environment: dict[str, str], running: bool
) -> None:
    if running:
        lab("start")
    assert unread(environment, "status") == (141, "")


def test_what_lab_itself_says_may_go_unread(lab: Run, environment: dict[str, str]) -> None:
    lab("start")
    assert unread(environment, "start") == (141, "")


def test_start_starts_labcloud_alone(lab: Run, server: Callable[[], Any]) -> None:
    first = lab("start")
    url, pid = f"http://127.0.0.1:{server().port}", server().pid
    ways = "./lab open opens the labs on it; ./lab stop stops it.\n"
    assert first.returncode == 0, first.stderr
    # Between them stands a line about the port, where another labcloud has the usual one.
    assert first.stdout.startswith(f"labcloud runs on {url}\n")
    assert first.stdout.endswith(f"\n{ways}")
    again = lab("start")
    assert (again.returncode, again.stdout) == (0, f"labcloud already runs on {url}\n{ways}")
    assert server().pid == pid
    opened = lab("console", "--no-browser")
    assert opened.returncode == 0, opened.stderr
    assert f"{url}/_console/?token=" in opened.stdout
    assert lab("stop").stdout == "labcloud has stopped.\n"
    # It starts none for this: that one would be gone with the command.
    shut = lab("console")
    assert (shut.returncode, shut.stdout) == (3, "")
    assert shut.stderr == "labcloud does not run. ./lab open or ./lab start starts it.\n"


# Without the one hyperparameter that XGBoost must have.
FAILING_JOB = """
import boto3
s3, sagemaker = boto3.client("s3"), boto3.client("sagemaker")
s3.create_bucket(Bucket="bucket")
s3.put_object(Bucket="bucket", Key="train/data", Body=b"1,2")
source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train/"}}
sagemaker.create_training_job(
    TrainingJobName="job", RoleArn="arn:aws:iam::123456789012:role/anybody",
    AlgorithmSpecification={
        "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
        "TrainingInputMode": "File",
    },
    InputDataConfig=[{"ChannelName": "train", "DataSource": source}],
    OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
    ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
    StoppingCondition={"MaxRuntimeInSeconds": 60},
)
try:
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="job")
except Exception as error:
    print(error)
"""


def test_docker_is_left_alone_where_it_is_said(lab: Run, labcloud: Run) -> None:
    labcloud("start", "--port", "0", "--engine", "process")
    line = r"^engine +processes; Docker is left alone$"
    assert re.search(line, lab("status").stdout, re.M)


def test_an_engine_that_there_is_not_is_said(labcloud: Run) -> None:
    ended = labcloud("start", "--port", "0", LABCLOUD_ENGINE="podman")
    assert ended.returncode == 1
    assert ended.stderr == "LABCLOUD_ENGINE is 'podman'. It can be auto or process.\n"


def test_status_counts_jobs(lab: Run, labcloud: Run) -> None:
    labcloud("start", "--port", "0")
    ended = lab("exec", "--", sys.executable, "-c", FAILING_JOB)
    assert ended.returncode == 0, ended.stderr
    assert re.search(r"^training jobs +1 Failed$", lab("status").stdout, re.M)


def test_stop_when_nothing_runs(lab: Run) -> None:
    ended = lab("stop")
    assert (ended.returncode, ended.stdout) == (0, "labcloud is not running.\n")


def test_stop_keeps_what_labcloud_holds(lab: Run, labcloud: Run, state: Path) -> None:
    labcloud("start", "--port", "0")
    ended = lab("stop")
    assert (ended.returncode, ended.stdout) == (0, "labcloud has stopped.\n")
    assert (state / "records.sqlite").exists()
    assert lab("status").returncode == 3


def test_start_twice_is_one_labcloud(labcloud: Run, server: Callable[[], Any]) -> None:
    first = labcloud("start", "--port", "0")
    pid, url = server().pid, f"http://127.0.0.1:{server().port}"
    again = labcloud("start")
    assert (first.returncode, first.stdout) == (0, f"labcloud runs on {url}\n")
    assert (again.returncode, again.stdout) == (0, f"labcloud already runs on {url}\n")
    assert server().pid == pid


def test_a_second_server_is_refused_with_the_first_ones_pid(
    labcloud: Run, server: Callable[[], Any], state: Path
) -> None:
    labcloud("start", "--port", "0")
    second = labcloud("start", "--foreground", "--port", "0")
    assert second.returncode == 1
    assert f"already runs on {state} (process {server().pid})" in second.stderr


def test_start_on_a_port_in_use(labcloud: Run, taken_port: int) -> None:
    ended = labcloud("start", "--port", str(taken_port))
    assert ended.returncode == 1
    assert ended.stderr == (
        f"Port {taken_port} is in use by another program. Choose another one with --port, "
        "or --port 0 for any that is free.\n"
    )


def test_open_on_a_port_in_use(lab: Run, taken_port: int) -> None:
    ended = lab("open", "--no-browser", "--port", str(taken_port))
    assert ended.returncode == 1
    assert ended.stderr == (
        f"Port {taken_port} is in use by another program. Choose another one with --port, "
        "or leave --port out.\n"
    )
    assert lab("status").returncode == 3


@pytest.mark.parametrize("port", ["65536", "-1", "abc"])
def test_open_on_what_is_no_port(lab: Run, port: str) -> None:
    ended = lab("open", f"--port={port}")
    assert ended.returncode == 2
    assert ended.stderr.endswith("argument --port: a port is a number from 1 to 65535\n")


@pytest.mark.parametrize("dashes", [["--"], []], ids=["after --", "bare"])
def test_exec_points_the_command_at_a_labcloud_of_its_own(
    lab: Run, state: Path, dashes: list[str]
) -> None:
    ended = lab("exec", *dashes, sys.executable, "-c", PRINT_ENVIRONMENT, AWS_PROFILE="work")
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout)
    assert seen["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"} <= seen.keys()
    assert "AWS_PROFILE" not in seen
    assert seen["LABCLOUD_HOME"] != str(state)
    assert not Path(seen["LABCLOUD_HOME"]).exists()


def test_exec_reaches_the_labcloud_with_no_word_of_configuration(lab: Run) -> None:
    ended = lab("exec", "--", sys.executable, "-c", ASK_AWS)
    assert (ended.returncode, ended.stdout) == (0, "123456789012\n"), ended.stderr


@pytest.mark.parametrize(
    "config", ["[profile work]\nregion = mars-1\nsso_session = gone\n", "this is no configuration"]
)
def test_the_users_own_aws_settings_are_not_in_the_way(
    lab: Run, environment: dict[str, str], config: str
) -> None:
    theirs = Path(environment["HOME"]) / ".aws" / "config"
    theirs.parent.mkdir()
    theirs.write_text(config)
    ended = lab("exec", "--", sys.executable, "-c", ASK_AWS, AWS_PROFILE="work")
    assert (ended.returncode, ended.stdout) == (0, "123456789012\n"), ended.stderr


def test_exec_uses_the_labcloud_that_runs(
    lab: Run, labcloud: Run, server: Callable[[], Any], state: Path
) -> None:
    labcloud("start", "--port", "0")
    ended = lab("exec", "--", sys.executable, "-c", PRINT_ENVIRONMENT)
    seen = json.loads(ended.stdout)
    assert seen["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{server().port}"
    assert seen["LABCLOUD_HOME"] == str(state)
    assert lab("status").returncode == 0


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 7", 7), ("kill -TERM $$", 128 + 15)],
    ids=["exits", "is killed"],
)
def test_exec_passes_the_exit_status_on(lab: Run, script: str, status: int) -> None:
    assert lab("exec", "--", "sh", "-c", script).returncode == status


def test_exec_leaves_later_dashes_to_the_command(lab: Run) -> None:
    ended = lab("exec", "--", "echo", "--", "-h", "--fresh")
    assert (ended.returncode, ended.stdout) == (0, "-- -h --fresh\n")


def test_exec_of_a_command_that_is_not_there(lab: Run) -> None:
    ended = lab("exec", "--", "no-such-command")
    assert ended.returncode == 127
    assert ended.stderr.splitlines() == [
        "labcloud is not running. The command gets an empty one that is deleted afterwards.",
        "There is no command 'no-such-command' on the PATH.",
    ]


def test_exec_of_a_file_that_cannot_be_run(lab: Run, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a program")
    ended = lab("exec", "--", str(file))
    assert ended.returncode == 126
    assert ended.stderr.endswith(f"{str(file)!r} cannot be run: Permission denied.\n")


def test_exec_of_nothing(lab: Run) -> None:
    ended = lab("exec")
    assert ended.returncode == 2
    assert "Name a command" in ended.stderr


def test_reset_asks_and_takes_silence_for_no(lab: Run, labcloud: Run, state: Path) -> None:
    labcloud("start", "--port", "0")
    ended = lab("reset")
    assert ended.returncode == 1
    assert f"Delete everything in {state}" in ended.stdout
    assert "Nothing was deleted." in ended.stdout
    assert lab("status").returncode == 0


def test_reset_with_yes_stops_and_deletes(lab: Run, labcloud: Run, state: Path) -> None:
    labcloud("start", "--port", "0")
    ended = lab("reset", "--yes")
    assert (ended.returncode, ended.stdout) == (
        0,
        f"{state} is gone; the next start begins afresh.\n",
    )
    assert not state.exists()
    assert lab("status").returncode == 3


def test_run_of_a_lab_that_is_not_there(lab: Run) -> None:
    ended = lab("run", "99")
    assert ended.returncode == 2
    assert "There is no lab '99'. There are: 01-xgboost-iris" in ended.stderr


def test_tests_compile_once_what_they_import(lab: Run, tmp_path: Path) -> None:
    """Whatever the shell says: an image for containers often sets it."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    inner = tmp_path / "test_inner.py"
    inner.write_text("import sys\n\ndef test_inner():\n    assert not sys.dont_write_bytecode\n")
    done = lab("test", str(inner), PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stdout + done.stderr
