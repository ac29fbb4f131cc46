"""The course in a dev container and on Binder: what can be tried here of both."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .declared import ROOT

BINDER = ROOT / ".binder"
LIST_JOBS = """
import boto3, os
assert os.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
print(boto3.client("sagemaker").list_training_jobs()["TrainingJobSummaries"])
"""


def test_the_dev_container_sets_the_course_up() -> None:
    found = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert found["image"].endswith(":3.12")
    program, _, rest = found["postCreateCommand"].partition(" ")
    assert os.access(ROOT / program, os.X_OK)
    assert rest == "test --version"
    # The first port that `./lab open` tries.
    assert found["forwardPorts"] == [8888]
    assert "range(8888," in (ROOT / "lab").read_text()


def test_binder_installs_the_lock() -> None:
    assert (BINDER / "runtime.txt").read_text() == "python-3.12\n"
    named = re.findall(r"^-r (\S+)$", (BINDER / "requirements.txt").read_text(), re.M)
    assert [(BINDER / name).resolve() for name in named] == [ROOT / "requirements" / "course.txt"]


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_binder_s_programs_are_sound(name: str) -> None:
    assert os.access(BINDER / name, os.X_OK)
    assert shutil.which("shellcheck"), "CI installs it"
    done = subprocess.run(["shellcheck", BINDER / name], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_binder_builds_all_that_stands_here() -> None:
    """The same folders as `./lab`, in the same way."""
    projects = re.search(r"^PROJECTS = \((.*)\)$", (ROOT / "lab").read_text(), re.M)
    assert projects
    wanted = re.findall(r'"([^"]+)"', projects[1])
    for path in (BINDER / "postBuild", ROOT / "environment.yml"):
        install = re.search(r"pip install (.*--no-deps.*)", path.read_text())
        assert install
        assert re.findall(r"--editable (\S+)", install[1]) == wanted, path
        assert "--no-build-isolation" in install[1]


def test_what_binder_starts_finds_a_labcloud(tmp_path: Path) -> None:
    found = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    found |= {
        "HOME": str(tmp_path),
        "LABCLOUD_HOME": str(tmp_path / "state"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        [BINDER / "start", "python", "-c", LIST_JOBS],
        env=found,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
