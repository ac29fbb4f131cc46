"""The workflows and issue forms are valid, and the workflows ask for no more than they need.

They run on hosted machines alone. Here they are checked against GitHub's schemas, and the scripts
in them run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .declared import ROOT, declarations

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [
    path for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"
]
SCHEMAS = {"vendor.github-workflows": WORKFLOWS, "vendor.github-issue-forms": FORMS}


def workflow(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((GITHUB / "workflows" / f"{name}.yml").read_text())
    return found


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def schema(name: str, *files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", name, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", SCHEMAS)
def test_they_are_valid(name: str) -> None:
    files = SCHEMAS[name]
    assert files
    done = schema(name, *files)
    assert done.returncode == 0, done.stdout


def test_the_schema_finds_a_mistake(tmp_path: Path) -> None:
    broken = tmp_path / "test.yml"
    text = (GITHUB / "workflows" / "test.yml").read_text()
    broken.write_text(text.replace("runs-on:", "run-on:"))
    assert "runs-on" in schema("vendor.github-workflows", broken).stdout


def test_the_parts_of_the_full_lane_are_all_of_it() -> None:
    parts = workflow("test")["jobs"]["full"]["strategy"]["matrix"]["part"]
    assert parts == [f"{number}/{len(parts)}" for number in range(1, len(parts) + 1)]


def test_an_issue_takes_one_of_the_forms() -> None:
    config = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / "config.yml").read_text())
    assert config == {"blank_issues_enabled": False}
    assert [path.stem for path in FORMS] == ["aws-difference", "bug", "lab"]


@pytest.mark.parametrize("name", ["test", "release"])
def test_a_job_that_hangs_ends(name: str) -> None:
    """Without a limit, a hosted machine waits for six hours."""
    assert all(job["timeout-minutes"] <= 60 for job in workflow(name)["jobs"].values())


@pytest.mark.parametrize("name", ["test", "release"])
def test_actions_are_pinned_by_major_version(name: str) -> None:
    for step in steps(name):
        assert re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|release/v\d+)", step.get("uses", "a/b@v1")), step


@pytest.mark.parametrize("name", ["test", "release"])
def test_a_workflow_may_read_the_repository_and_no_more(name: str) -> None:
    assert workflow(name)["permissions"] == {"contents": "read"}
    for step in steps(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"persist-credentials": False}


def test_only_the_job_that_publishes_gets_a_token_for_it() -> None:
    jobs = workflow("release")["jobs"]
    assert "permissions" not in jobs["build"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert jobs["publish"]["environment"]
    # It runs nothing of this repository.
    assert all("uses" in step for step in jobs["publish"]["steps"])
    # YAML reads the key `on` as true.
    assert workflow("release")[True] == {"push": {"tags": ["labcloud-v*"]}}


def test_every_python_that_is_promised_is_tested() -> None:
    pythons = workflow("test")["jobs"]["full"]["strategy"]["matrix"]["python"]
    classifiers = " ".join(declarations(ROOT)["project"]["classifiers"])
    assert pythons == re.findall(r"Python :: (3\.\d+)", classifiers)


def test_the_programs_that_they_run_are_there() -> None:
    for step in steps("test"):
        program = step.get("run", "").partition(" ")[0]
        if program.startswith((".ci/", "./")):
            assert os.access(ROOT / program, os.X_OK), program


def test_the_scripts_in_them_are_sound() -> None:
    assert shutil.which("shellcheck"), "CI installs it"
    for name in ("test", "release"):
        for step in steps(name):
            if "run" in step:
                command = ["shellcheck", "--shell=bash", "-"]
                done = subprocess.run(command, input=step["run"], capture_output=True, text=True)
                assert done.returncode == 0, done.stdout


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the release has it when labcloud 1.2.0 is built."""
    (tmp_path / "dist").mkdir()
    for name in ("labcloud-1.2.0.tar.gz", "labcloud-1.2.0-py3-none-any.whl"):
        (tmp_path / "dist" / name).touch()
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## labcloud 1.2.0 (2026-12-01)\n")
    return tmp_path


def released(step: str, folder: Path, tag: str) -> subprocess.CompletedProcess[str]:
    """Runs a step of the release as the hosted machine does."""
    (script,) = [found["run"] for found in steps("release") if found.get("name") == step]
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "GITHUB_REF_NAME": tag},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_release_has_the_version_of_its_tag(built: Path) -> None:
    compare = "Compare their version with the tag"
    assert released(compare, built, "labcloud-v1.2.0").returncode == 0
    done = released(compare, built, "labcloud-v1.2.1")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "The tag labcloud-v1.2.1 asks for labcloud-1.2.1.tar.gz. There are: labcloud-1.2.0"
    )


def test_a_release_is_in_the_changelog(built: Path) -> None:
    look = "Look for the version in the changelog"
    assert released(look, built, "labcloud-v1.2.0").returncode == 0
    done = released(look, built, "labcloud-v1.2")
    assert done.returncode == 1
    assert done.stderr == "CHANGELOG.md has no section for labcloud 1.2.\n"
