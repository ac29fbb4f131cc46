"""A room on one machine: every learner gets a copy of the course and a labcloud of their own."""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from labcloud_support.needs import unavailable

ROOT = Path(__file__).parents[2]
CLASSROOM = ROOT / "docs" / "classroom"
SAY_WHAT_IS_FOUND = """\
#!/usr/bin/env python3
import boto3, json, os, sys
print(json.dumps({
    "arguments": sys.argv[1:],
    "jobs": boto3.client("sagemaker").list_training_jobs()["TrainingJobSummaries"],
    "address": os.environ["AWS_ENDPOINT_URL"],
    "setup": os.environ["LAB_NO_SETUP"],
    "progress": os.environ.get("LAB_PROGRESS"),
}))
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A clone of the course with its environment, and a JupyterLab that says what it finds."""
    found = tmp_path / "course"
    (found / "docs" / "classroom").mkdir(parents=True)
    shutil.copy(CLASSROOM / "start-learner", found / "docs" / "classroom")
    (found / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "working_copies.py", found / "tools")
    shutil.copytree(ROOT / "labs", found / "labs", ignore=shutil.ignore_patterns("data"))
    git = ["git", "-c", "user.name=anybody", "-c", "user.email=anybody@example.com"]
    git += ["-C", str(found)]
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "The course"]):
        subprocess.run([*git, *words], check=True)
    (found / ".venv").symlink_to(sys.prefix)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "jupyterhub-singleuser").write_text(SAY_WHAT_IS_FOUND)
    (programs / "jupyterhub-singleuser").chmod(0o755)
    return found


def environment(course: Path, home: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LABCLOUD_"))
    }
    path = f"{course.parent / 'bin'}:{os.environ['PATH']}"
    return kept | {"HOME": str(home), "PATH": path}


@pytest.fixture
def homes(tmp_path: Path, course: Path) -> Iterator[list[Path]]:
    """The home folders of two learners; their labclouds are stopped in the end."""
    found = [tmp_path / name for name in ("anna", "bert")]
    for home in found:
        home.mkdir()
    yield found
    for home in found:
        command = [sys.executable, "-m", "labcloud", "stop"]
        subprocess.run(command, env=environment(course, home), check=True, capture_output=True)


def test_learners_who_start_at_a_time_have_labclouds_of_their_own(
    course: Path, homes: list[Path]
) -> None:
    processes = [
        subprocess.Popen(
            [course / "docs" / "classroom" / "start-learner", "--port=1"],
            env=environment(course, home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for home in homes
    ]
    found = []
    for process in processes:
        said, complained = process.communicate(timeout=120)
        assert process.returncode == 0, complained
        found.append(json.loads(said.splitlines()[-1]))
    assert [one["arguments"] for one in found] == [["--port=1"]] * 2
    assert [one["jobs"] for one in found] == [[], []]
    assert [one["setup"] for one in found] == ["1", "1"]
    assert len({one["address"] for one in found}) == 2
    for home in homes:
        assert (home / "sagemaker-labs" / "docs" / "classroom" / "start-learner").exists()
        assert (home / "sagemaker-labs" / "work" / "01-xgboost-iris" / "exercises.py").exists()
        assert (home / ".labcloud").is_dir()
        # Nobody else reads a learner's answers.
        for name in ("sagemaker-labs", ".labcloud"):
            assert stat.S_IMODE((home / name).stat().st_mode) & 0o077 == 0, name


@pytest.mark.parametrize("asked", ["yes", "no", "nobody"])
def test_progress_is_noted_where_there_is_a_folder_unless_the_learner_says_no(
    course: Path, homes: list[Path], tmp_path: Path, asked: str
) -> None:
    home, own = homes[0], tmp_path / "room" / getpass.getuser()
    if asked != "nobody":
        own.mkdir(parents=True)
    if asked == "no":
        (home / ".no-progress").touch()
    done = subprocess.run(
        [course / "docs" / "classroom" / "start-learner"],
        env=environment(course, home) | {"LAB_ROOM": str(tmp_path / "room")},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])["progress"]
    assert found == (str(own) if asked == "yes" else None)


def test_the_room_s_folder_is_the_same_everywhere() -> None:
    starts = (CLASSROOM / "start-learner").read_text()
    command = (ROOT / "lab").read_text()
    (folder,) = re.findall(r'^ROOM = "(.*)"$', command, re.M)
    assert f"${{LAB_ROOM:-{folder}}}/$(id -un)" in starts
    assert folder in (CLASSROOM / "README.md").read_text()


def test_shellcheck_is_content() -> None:
    if shutil.which("shellcheck") is None:
        unavailable("shellcheck is not installed")
    program = CLASSROOM / "start-learner"
    assert os.access(program, os.X_OK)
    done = subprocess.run(["shellcheck", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_configuration_of_jupyterhub_names_what_is_there() -> None:
    c: Any = SimpleNamespace(**{name: MagicMock() for name in ("JupyterHub", "Authenticator")})
    c.Spawner = SimpleNamespace()
    text = (CLASSROOM / "jupyterhub_config.py").read_text()
    exec(compile(text, "jupyterhub_config.py", "exec"), {"get_config": lambda: c})
    (program,) = c.Spawner.cmd
    assert (ROOT / Path(program).relative_to("/opt/sagemaker-labs")).exists()
    # A copy of what is in labs/.
    page = c.Spawner.default_url.removeprefix("/lab/tree/sagemaker-labs/work/")
    assert (ROOT / "labs" / page).exists()
    # It is for a web server in front of it, never for the network.
    assert c.JupyterHub.bind_url.startswith("http://127.0.0.1:")


def test_quotas_for_thirty_are_thirty_times_those_for_one() -> None:
    text = (CLASSROOM / "README.md").read_text()
    rows = re.findall(r"^\| (0\d[^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.M)
    assert len(rows) >= 8
    for column, kind in enumerate(("training job", "endpoint", "transform job"), 1):
        needed = {row[0]: int(re.sub(r"\D.*", "", row[column].strip("* ")) or 0) for row in rows}
        easy = max(number for lab, number in needed.items() if lab < "04c")
        wanted = f"| {30 * easy} | {30 * max(needed.values())} |"
        (row,) = re.findall(rf"^\| ml\.m5\.large for {kind} usage \|.*$", text, re.M)
        assert row.endswith(wanted), row


def test_every_lab_has_its_quotas() -> None:
    text = (CLASSROOM / "README.md").read_text()
    table = text.partition("| lab | training |")[2].partition("\n\n")[0]
    for path in (ROOT / "labs").glob("*/*.ipynb"):
        assert path.name.partition("-")[0] in table, path.name
