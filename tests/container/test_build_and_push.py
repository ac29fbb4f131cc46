"""The scripts: what build_and_push.sh asks of docker and aws, the local test, the pinned versions.

docker is a recorder here, as there is no registry to push to; test_image.py has the real one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from labcloud_support.needs import unavailable

from .programs import CONTAINER, PYTHON, SECONDS, free_port, serving

SCRIPT = CONTAINER / "build_and_push.sh"
REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
# The parts of the AWS CLI that the script uses, with a registry that is one file.
AWS = f"""#!/bin/sh
echo "aws $*" >>"$CALLS"
case "$1 $2" in
    "ecr describe-repositories") cat "$REPOSITORY" ;;
    "ecr create-repository") echo {REGISTRY}/$4 | tee "$REPOSITORY" ;;
    "ecr get-login-password") echo secret ;;
    *) exit 1 ;;
esac
"""
DOCKER = """#!/bin/sh
echo "docker $*" >>"$CALLS"
[ "$1" != login ] || echo "password $(cat)" >>"$CALLS"
echo progress
"""


class Machine:
    """A PATH on which docker and aws are recorders."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.add("docker", DOCKER)
        self.add("aws", AWS)
        self.environment = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "CALLS": str(folder / "calls"),
            "REPOSITORY": str(folder / "repository"),
            "AWS_REGION": "eu-central-1",
        }

    def add(self, name: str, script: str) -> None:
        (self.bin / name).write_text(script)
        (self.bin / name).chmod(0o755)

    def build(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPT, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def calls(self) -> list[str]:
        calls = Path(self.environment["CALLS"])
        found = calls.read_text().splitlines() if calls.exists() else []
        calls.unlink(missing_ok=True)
        return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_local_only_builds(machine: Machine) -> None:
    done = machine.build("--local", "sagemaker-mine", "--", "--network", "host")
    assert done.stdout == "sagemaker-mine:latest\n"
    assert machine.calls() == [
        "docker build --platform linux/amd64 --tag sagemaker-mine:latest --network host ."
    ]


def test_the_first_push_creates_the_repository(machine: Machine) -> None:
    done = machine.build()
    uri = f"{REGISTRY}/sagemaker-decision-trees:latest"
    assert (done.returncode, done.stdout) == (0, f"{uri}\n"), done.stderr
    local = "sagemaker-decision-trees:latest"
    (build, describe, create, *rest) = machine.calls()
    assert build.startswith("docker build --platform linux/amd64")
    assert describe.startswith("aws ecr describe-repositories")
    assert create.startswith("aws ecr create-repository --repository-name sagemaker-decision-trees")
    # The password goes through a pipe: command lines can be read by everybody on the machine.
    assert sorted(rest[:3]) == [
        "aws ecr get-login-password",
        f"docker login --username AWS --password-stdin {REGISTRY}",
        "password secret",
    ]
    assert rest[3:] == [f"docker tag {local} {uri}", f"docker push {uri}"]


def test_the_second_push_does_not(machine: Machine) -> None:
    first, second = machine.build(), machine.build()
    assert first.stdout == second.stdout
    assert sum("create-repository" in call for call in machine.calls()) == 1


def test_a_tag_can_be_chosen(machine: Machine) -> None:
    machine.environment["TAG"] = "2"
    assert machine.build().stdout == f"{REGISTRY}/sagemaker-decision-trees:2\n"


def test_a_name_that_the_managed_policy_does_not_cover(machine: Machine) -> None:
    assert "AmazonSageMakerFullAccess" in machine.build("--local", "trees").stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--lokal"], "there is no option --lokal. Options of docker build go behind --"),
        (["one", "two"], "one name is enough: one or two?"),
    ],
)
def test_mistakes_are_named(machine: Machine, words: list[str], sentence: str) -> None:
    done = machine.build(*words)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"build_and_push.sh: {sentence}"
    assert machine.calls() == []


def test_no_region_is_named(machine: Machine) -> None:
    del machine.environment["AWS_REGION"]
    done = machine.build()
    assert done.returncode == 1
    assert "there is no region" in done.stderr


def test_a_push_that_fails_fails(machine: Machine) -> None:
    machine.add("docker", DOCKER + '[ "$1" != push ]\n')
    done = machine.build()
    assert done.returncode == 1
    assert done.stdout == ""


def test_shellcheck_is_content() -> None:
    if shutil.which("shellcheck") is None:
        unavailable("shellcheck is not installed")
    scripts = sorted(CONTAINER.rglob("*.sh"))
    assert len(scripts) == 4
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_programs_are_executable() -> None:
    for program in [*CONTAINER.rglob("*.sh"), *CONTAINER.glob("decision_trees/[st][er]*")]:
        assert os.access(program, os.X_OK), program


def test_the_image_has_the_versions_of_the_course() -> None:
    """A model that the course's scikit-learn has saved is loaded by the image's, and back."""

    def versions(file: Path) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, version in re.findall(r"^([\w-]+)==([\w.]+)", file.read_text(), re.MULTILINE):
            found.setdefault(name, set()).add(version)
        return found

    course = versions(CONTAINER.parent / "requirements" / "course.txt")
    for name, (version,) in versions(CONTAINER / "requirements.txt").items():
        assert version in course[name], name


def test_the_local_test_works_without_docker(tmp_path: Path) -> None:
    copy = tmp_path / "container"
    shutil.copytree(
        CONTAINER, copy, ignore=shutil.ignore_patterns("model", "output", "data", "payload.csv")
    )
    folder = copy / "local_test"
    environment = {**os.environ, "PATH": f"{PYTHON}:{os.environ['PATH']}", "PORT": str(free_port())}

    def run(*words: str | Path) -> str:
        done = subprocess.run(
            words, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "train:accuracy=0.9833" in run(folder / "train_local.sh", "--no-docker")
    with serving(
        folder / "test_dir",
        program=folder / "serve_local.sh",
        arguments=["--no-docker"],
        PATH=f"{PYTHON}:/usr/bin:/bin",
        PORT=environment["PORT"],
    ):
        species = run(folder / "predict.sh").split()
        assert species == ["setosa"] * 4 + ["versicolor"] * 3 + ["virginica"] * 3
        environment["ACCEPT"] = "application/json"
        assert run(folder / "predict.sh").startswith('{"predictions": ["setosa"')
