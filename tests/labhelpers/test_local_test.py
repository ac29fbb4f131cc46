"""An image is tried on this machine, with Docker and without, and both look the same."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psutil
import pytest
from local_test import LocalTest

from labcloud_support.docker import base_argument, docker, require_docker
from labhelpers import Lab, LabError
from labhelpers.errors import ImageError, JobFailed
from labhelpers.images import build_image, delete_image

CONTAINER = Path(__file__).parents[2] / "container"
DOCKERFILE = f"""
ARG BASE={base_argument()}
FROM ${{BASE}}
WORKDIR /opt/program
COPY . /opt/program
ENV PATH=/opt/program:$PATH
"""
ROWS = "setosa,5.1,3.5,1.4,0.2\nvirginica,6.7,3.0,5.2,2.3\n"

Printed = pytest.CaptureFixture[str]
Try = Callable[..., LocalTest]


@pytest.fixture(params=["process", "docker"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LABCLOUD_ENGINE", "process")
    if request.param == "docker":
        require_docker()
        monkeypatch.delenv("LABCLOUD_ENGINE")
    return str(request.param)


@pytest.fixture
def ml(tmp_path: Path) -> Path:
    """A folder that stands for /opt/ml, with two flowers in it."""
    (tmp_path / "ml" / "input" / "data" / "training").mkdir(parents=True)
    (tmp_path / "ml" / "input" / "data" / "training" / "iris.csv").write_text(ROWS)
    return tmp_path / "ml"


@pytest.fixture
def script(engine: str, lab: Lab, ml: Path, tmp_path: Path) -> Iterator[Try]:
    """Tries an image whose programs are scripts, by name."""
    names = count(1)
    built = []

    def build(**programs: str) -> LocalTest:
        name = f"sagemaker-labs-script-{os.getpid()}-{next(names)}"
        folder = tmp_path / name
        folder.mkdir()
        (folder / "Dockerfile").write_text(DOCKERFILE)
        for program, text in programs.items():
            (folder / program).write_text(text)
            (folder / program).chmod(0o755)
        built.append(name)
        return LocalTest(lab, build_image(lab, folder, name), folder, ml)

    yield build
    for name in built:
        delete_image(lab, name)


@pytest.fixture
def trees(engine: str, lab: Lab, ml: Path) -> Iterator[LocalTest]:
    """Tries the image of the course."""
    name = f"sagemaker-labs-local-{os.getpid()}"
    yield LocalTest(lab, build_image(lab, CONTAINER, name), CONTAINER / "decision_trees", ml)
    delete_image(lab, name)


def test_train_is_shown_as_it_would_run_inside(script: Try, ml: Path, capsys: Printed) -> None:
    base = "base=${SAGEMAKER_BASE_DIR:-/opt/ml}\n[ -d /opt/program ] && base=/opt/ml\n"
    tried = script(
        train=f"#!/bin/sh\n{base}ls $base $base/model\necho saved > $base/model/m\n"
        "echo $base/model\nls *\n"
    )
    (ml / "model").mkdir()
    (ml / "model" / "of-the-last-run").touch()
    capsys.readouterr()
    tried.train()
    command, *lines = capsys.readouterr().out.splitlines()
    assert command.startswith("$ ") and command.endswith("train")
    assert lines == [
        "    /opt/ml:", "    input", "    model", "    output", "    ", "    /opt/ml/model:",
        "    /opt/ml/model", "    Dockerfile", "    train",
    ]  # fmt: skip
    assert [path.name for path in (ml / "model").iterdir()] == ["m"]
    assert (ml / "model" / "m").owner() == ml.owner()


def test_what_train_leaves_as_its_failure_is_said(script: Try) -> None:
    base = "[ -d /opt/program ] && SAGEMAKER_BASE_DIR=/opt/ml\n"
    failing = script(
        train=f"#!/bin/sh\n{base}echo No rows. > $SAGEMAKER_BASE_DIR/output/failure\nexit 3\n"
    )
    with pytest.raises(JobFailed, match=r"^train ended with exit code 3: No rows"):
        failing.train()
    silent = script(train="#!/bin/sh\nexit 4\n")
    with pytest.raises(
        JobFailed, match=r"^train ended with exit code 4: it left no output/failure"
    ):
        silent.train()


def test_the_course_s_image_trains_and_serves(trees: LocalTest, capsys: Printed) -> None:
    capsys.readouterr()
    trees.train()
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "    Saved the model as /opt/ml/model/model.joblib."
    with trees.serving() as server:
        assert server.ping() == (200, "\n")
        assert server.invoke("5.1,3.5,1.4,0.2\n", "text/csv") == (200, "setosa\n")
        answer = server.invoke("5.1,3.5,1.4,0.2\n", "text/csv", accept="application/json")
        assert answer == (200, '{"predictions": ["setosa"]}')
        assert server.invoke("5.1\n", "text/csv").status == 400
        ours = servers(trees)
        assert ours
    assert servers(trees) == []


def test_slow_clients_hold_the_threads_unless_nginx_is_in_front(
    trees: LocalTest, engine: str
) -> None:
    trees.train()
    with trees.serving() as server:
        with server.slow_clients(3):
            assert server.ping().status == 200
        with server.slow_clients(4):
            # Without Docker, gunicorn is asked directly: one worker, four threads.
            if engine == "docker":
                assert server.ping().status == 200
            else:
                with pytest.raises(TimeoutError):
                    server.ping(seconds=0.5)
        assert server.ping().status == 200


def test_a_server_without_a_model_is_asked_all_the_same(trees: LocalTest) -> None:
    with trees.serving() as server:
        assert server.ping() == (500, "There is no model at /opt/ml/model/model.joblib.\n")


def test_a_server_ends_when_the_block_fails(trees: LocalTest) -> None:
    with pytest.raises(ZeroDivisionError), trees.serving():
        assert servers(trees)
        1 / 0  # noqa: B018
    assert servers(trees) == []


def test_a_server_that_ends_at_once_says_why(script: Try) -> None:
    tried = script(serve="#!/bin/sh\necho There is no licence.\nexit 1\n")
    with (
        pytest.raises(
            JobFailed, match=r"serve has ended before it answered.*\nThere is no licence"
        ),
        tried.serving(),
    ):
        pass


def test_what_was_not_built_or_is_not_there_is_said(engine: str, lab: Lab, ml: Path) -> None:
    tried = LocalTest(lab, "sagemaker-labs-nobody-built-this:latest", ml, ml)
    kind, said = (
        (ImageError, "There is no image sagemaker-labs-nobody-built-this:latest on this machine")
        if engine == "docker"
        else (LabError, "There is no program train in")
    )
    with pytest.raises(kind, match=said):
        tried.train()


def servers(tried: LocalTest) -> list[str]:
    """What serves: a container of the image, or processes that this one has started."""
    if os.environ.get("LABCLOUD_ENGINE") != "process":
        # By its name: the same image may run under others, in other tests.
        running = docker("ps", "--all", "--format", "{{.Image}}").stdout.split()
        return [image for image in running if image == tried.image]
    program = str(tried.programs / "serve")
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE and program in " ".join(child.cmdline()):
                found.append(str(child.pid))
    return found
