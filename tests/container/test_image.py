"""The real image, built and run by Docker as SageMaker runs it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from labcloud_support.docker import BUILD_OPTIONS, docker, require_docker

from .programs import CONTAINER, SECONDS

pytestmark = pytest.mark.slow

NAME = "sagemaker-decision-trees-test"
# Of the machine's user: what a container has written in a test's folder is then deletable.
ME = f"{os.getuid()}:{os.getgid()}"
ROW = "5.0,3.6,1.4,0.2\n"


def build(folder: Path) -> str:
    done = subprocess.run(
        [folder / "build_and_push.sh", "--local", NAME, "--", *BUILD_OPTIONS],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.rstrip("\n")


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    require_docker()
    name = build(CONTAINER)
    assert name == f"{NAME}:latest"
    yield name
    docker("image", "rm", "--force", name)


def run(image: str, ml: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return docker("run", "--rm", "--user", ME, "-v", f"{ml}:/opt/ml", image, *words, check=False)


@pytest.fixture
def model(image: str, ml: Path) -> Path:
    """An /opt/ml with a model that the image has trained."""
    done = run(image, ml, "train")
    assert done.returncode == 0, done.stderr
    return ml


@contextlib.contextmanager
def serving(image: str, ml: Path) -> Iterator[tuple[str, httpx.Client]]:
    """The image serving in a new container: its id, and a client of it."""
    started = docker(
        "run", "--detach", "--publish", "127.0.0.1::8080", "-v", f"{ml}:/opt/ml:ro", image, "serve"
    )
    container = started.stdout.strip()
    try:
        address = docker("port", container, "8080/tcp").stdout.split()[0]
        until_it_prints("Booting worker", container)
        with httpx.Client(base_url=f"http://{address}", timeout=SECONDS, trust_env=False) as client:
            yield container, client
    finally:
        docker("rm", "--force", container)


def until_it_prints(text: str, container: str) -> None:
    printed = ""
    with subprocess.Popen(
        ["docker", "logs", "--follow", container],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as logs:
        assert logs.stdout is not None
        for line in logs.stdout:
            printed += line
            if text in line:
                break
        logs.terminate()
    assert text in printed, printed


def exit_code(container: str) -> int:
    return int(docker("wait", container, seconds=SECONDS).stdout)


def said(container: str) -> str:
    done = docker("logs", container)
    return done.stdout + done.stderr


def users(container: str) -> set[str]:
    """The users that the container's processes run as. It has no ps; the machine has one."""
    lines = docker("top", container, "-eo", "pid,uid").stdout.splitlines()[1:]
    return {line.split()[1] for line in lines}


def test_it_is_small(image: str) -> None:
    size = int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout)
    assert size < 600_000_000


def test_it_says_that_it_takes_the_port(image: str) -> None:
    labels = json.loads(docker("image", "inspect", "-f", "{{json .Config.Labels}}", image).stdout)
    assert labels["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"] == "true"


def test_it_holds_the_program_and_nothing_else(image: str) -> None:
    done = docker("run", "--rm", image, "ls", "-A", "/opt/program")
    assert done.stdout.split() == ["nginx.conf", "predictor.py", "serve", "train", "wsgi.py"]


def test_new_code_rebuilds_no_dependencies(image: str, tmp_path: Path) -> None:
    def layers() -> list[str]:
        inspected = docker("image", "inspect", "-f", "{{json .RootFS.Layers}}", image).stdout
        return list(json.loads(inspected))

    before = layers()
    copy = tmp_path / "container"
    shutil.copytree(CONTAINER, copy)
    with (copy / "decision_trees" / "predictor.py").open("a") as predictor:
        predictor.write("# changed\n")
    build(copy)
    try:
        after = layers()
    finally:
        build(CONTAINER)
    # COPY, and the chmod behind it.
    assert before[:-2] == after[:-2]
    assert before != after


def test_it_trains(image: str, ml: Path) -> None:
    done = run(image, ml, "train")
    assert done.returncode == 0, done.stderr
    assert "train:accuracy=0.9833" in done.stdout
    assert (ml / "model" / "model.joblib").is_file()


def test_it_says_why_it_cannot_train(image: str, ml: Path) -> None:
    (ml / "input" / "config" / "hyperparameters.json").write_text('{"max_leaf_nodes": "1"}')
    done = run(image, ml, "train")
    assert done.returncode == 1
    assert (ml / "output" / "failure").read_text().startswith("The hyperparameter max_leaf_nodes")


def test_sigterm_stops_the_training(image: str, ml: Path) -> None:
    """As process 1 of its container, which is deaf to it by default."""
    pipe = ml / "input" / "config" / "hyperparameters.json"
    pipe.unlink()
    os.mkfifo(pipe)
    container = docker("run", "--detach", "-v", f"{ml}:/opt/ml", image, "train").stdout.strip()
    try:
        with pipe.open("w"):
            docker("kill", "--signal", "TERM", container)
            assert exit_code(container) == 128 + 15
    finally:
        docker("rm", "--force", container)


def test_it_serves(image: str, model: Path) -> None:
    model.chmod(0o755)
    with serving(image, model) as (container, client):
        assert client.get("/ping").status_code == 200
        headers = {"Content-Type": "text/csv"}
        answer = client.post("/invocations", content=ROW, headers=headers)
        assert answer.text == "setosa\n"
        assert answer.headers["Server"].startswith("nginx")
        refused = client.post("/invocations", content="1\n", headers=headers)
        assert (refused.status_code, refused.text) == (
            400,
            "Row 1 has 1 values, the model takes 4.\n",
        )
        assert users(container) == {
            docker("exec", container, "id", "-u", "model-server").stdout[:-1]
        }


def test_a_model_that_only_root_may_read_is_served_as_root(image: str, model: Path) -> None:
    """How SageMaker mounts it is not documented; so both ways must do."""
    (model / "model" / "model.joblib").chmod(0o600)
    model.chmod(0o700)
    with serving(image, model) as (container, client):
        assert client.get("/ping").status_code == 200
        if os.getuid() == 0:
            assert users(container) == {"0"}
            assert "serve: Staying root: model-server may not read" in said(container)


def test_docker_stop_stops_it(image: str, model: Path) -> None:
    with serving(image, model) as (container, _):
        docker("stop", "--time", "30", container)
        assert exit_code(container) == 0
        assert "serve: Stopping." in said(container)


@pytest.mark.parametrize("name", ["nginx", "gunicorn"])
def test_the_end_of_a_server_ends_the_container(image: str, model: Path, name: str) -> None:
    with serving(image, model) as (container, _):
        # Of the children of process 1, which is `serve`, so that it is the master.
        kill = f"""for pid in $(cat /proc/1/task/1/children); do
            grep -q {name}: /proc/$pid/cmdline || grep -qx -z {name} /proc/$pid/cmdline || continue
            kill -KILL $pid
        done"""
        docker("exec", container, "sh", "-c", kill)
        assert exit_code(container) == 1
        assert f"serve: {name} has ended (signal 9)." in said(container)


def test_a_broken_model_fails_the_ping(image: str, model: Path) -> None:
    (model / "model" / "model.joblib").write_bytes(b"broken")
    with serving(image, model) as (_, client):
        answer = client.get("/ping")
        assert answer.status_code == 500
        assert answer.text == "The model at /opt/ml/model/model.joblib cannot be loaded.\n"
