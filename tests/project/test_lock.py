"""The lock is what the declarations give, and what is installed is what it says."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .declared import HASHES, PROJECTS, ROOT, declarations, entries, locked, versions

LOCKS = ["course", "test"]


def check(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "requirements" / "lock.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The declarations and the lock, to be changed."""
    for project in PROJECTS:
        folder = tmp_path / project.relative_to(ROOT)
        folder.mkdir(exist_ok=True)
        shutil.copy(project / "pyproject.toml", folder)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def test_it_is_what_the_declarations_give() -> None:
    done = check(ROOT)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_a_package_that_is_declared_and_not_locked_is_noticed(copy: Path) -> None:
    """This happened: optuna was declared, and the versions of it and its needs were left open."""
    for lock in LOCKS:
        path = copy / "requirements" / f"{lock}.txt"
        kept = [entry for entry in entries(lock) if not entry.startswith("colorlog==")]
        path.write_text("\n".join(kept) + "\n")
    done = check(copy)
    assert done.returncode == 1
    assert re.search(r"^course\.txt: \+colorlog==", done.stdout, re.M)
    assert done.stdout.endswith("run requirements/lock.py\n")


def test_a_package_that_is_locked_and_not_declared_is_noticed(copy: Path) -> None:
    path = copy / "pyproject.toml"
    path.write_text(re.sub(r'^    "nbval>=.*\n', "", path.read_text(), flags=re.M))
    done = check(copy)
    assert done.returncode == 1
    assert "test.txt: -nbval==" in done.stdout
    assert "course.txt: " not in done.stdout


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_one_version_and_hashes(lock: str) -> None:
    for entry in entries(lock):
        assert re.match(r"[a-z0-9-]+==[^ *]+( ; .+)? \\\n", entry), entry
        assert HASHES.search(entry), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_no_package_comes_from_anywhere_but_the_configured_index(lock: str) -> None:
    assert "://" not in (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert all(found.url is None for found in locked(lock))


def test_the_course_s_lock_is_a_part_of_the_tests_and_has_none_of_their_tools() -> None:
    course, test = set(entries("course")), set(entries("test"))
    assert course < test
    tools = {entry.partition("==")[0] for entry in test - course}
    assert {"pytest", "mypy", "ruff", "playwright", "uv"} <= tools


def test_what_is_installed_is_what_is_locked() -> None:
    installed: dict[str, str] = {
        canonicalize_name(found.name): found.version for found in importlib.metadata.distributions()
    }
    for name, version in versions("test").items():
        assert installed.get(name) == version, name


def test_the_projects_are_built_with_what_is_locked() -> None:
    """`./lab` builds them without an environment of their own, which would have no hashes."""
    course = versions("course")
    for project in PROJECTS:
        for word in declarations(project)["build-system"]["requires"]:
            needed = Requirement(word)
            assert course[needed.name] in needed.specifier, project


def test_it_names_the_versions_of_studio_and_no_torch() -> None:
    course = {str(found).partition(";")[0] for found in locked("course")}
    assert {
        "numpy==1.26.4",
        "pandas==2.3.3",
        "scikit-learn==1.7.2",
        "matplotlib==3.10.9",
        "jupyterlab==4.5.10",
    } <= course
    assert "torch" not in {found.name for found in locked("test")}


@pytest.mark.parametrize(
    ("platform", "name"), [("linux", "xgboost-cpu"), ("darwin", "xgboost")], ids=["linux", "macos"]
)
def test_each_system_has_its_build_of_xgboost(platform: str, name: str) -> None:
    found = {
        entry.name
        for entry in locked("course")
        if entry.name.startswith("xgboost")
        and (entry.marker is None or entry.marker.evaluate({"sys_platform": platform}))
    }
    assert found == {name}


def test_conda_installs_the_lock_and_nothing_else() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *packages, last = environment["dependencies"]
    assert packages == ["python=3.12", "pip"]
    assert last == {"pip": ["--requirement requirements/test.txt"]}
