"""Every notebook of the course, run once on labcloud, with its exercises answered every way."""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib.util
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from labhelpers import Exercises, connect, leftovers
from tools.runner import execute, find

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LABS = ROOT / "labs"
BLANK = "answer = ..."
_TAG = re.compile(r"exercise-(\d+)")


@dataclass(frozen=True)
class Run:
    """A notebook after its run, the AWS calls that it made (`service:Operation`), what it left."""

    problem: str | None
    notebook: Any
    calls: frozenset[str]
    left: pd.DataFrame


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `path` is one for each notebook of the course."""
    if "path" in metafunc.fixturenames:
        notebooks = list(find(LABS, []))
        metafunc.parametrize("path", notebooks, ids=[path.stem for path in notebooks])


@pytest.fixture
def notebook(path: Path) -> Any:
    """A notebook as it is stored."""
    return nbformat.read(path, as_version=4)


@pytest.fixture
def exercises(path: Path) -> Exercises:
    return load_exercises(path)


@pytest.fixture
def statements(path: Path) -> list[dict[str, Any]]:
    policy = json.loads((path.parent / "policy.json").read_text())
    assert policy["Version"] == "2012-10-17"
    found: list[dict[str, Any]] = policy["Statement"]
    return found


@pytest.fixture
def run(path: Path, run_once: Callable[[Path], Run]) -> Run:
    """What came of a notebook that was run with every answer to its exercises."""
    return run_once(path)


@pytest.fixture(scope="session")
def run_once(
    cloud_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], Run]:
    # A copy: what a lab writes beside itself is no part of the repository.
    root = tmp_path_factory.mktemp("course")
    for folder in ("labs", "container"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    labs = root / "labs"
    paths = [str(HERE), *filter(None, [cloud_environment.get("PYTHONPATH")])]
    plugins = cloud_environment["BOTOCORE_EXPERIMENTAL__PLUGINS"]

    @functools.cache
    def run(path: Path) -> Run:
        calls = root / f"{path.stem}.calls"
        calls.touch()
        notebook = nbformat.read(path, as_version=4)
        expand(notebook, load_exercises(path))
        with environment(cloud_environment):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("BOTOCORE_EXPERIMENTAL__PLUGINS", f"{plugins},recorder=call_recorder")
                patch.setenv("PYTHONPATH", os.pathsep.join(paths))
                patch.setenv("LAB_CALLS", str(calls))
                # The daemon is one for all tests of this machine.
                patch.setenv("LABCLOUD_ENGINE", "process")
                problem = execute(notebook, labs / path.parent.name)
            # The next notebook starts in an empty account.
            left = leftovers(connect("99-sweep"), delete=True)
        return Run(problem, notebook, frozenset(calls.read_text().split()), left)

    return run


@contextlib.contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """This process, and the kernels that it starts, have these variables and no others."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - variables.keys():
            patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


def load_exercises(path: Path) -> Exercises:
    """The exercises beside a notebook; none where there is no such file."""
    source = path.parent / "exercises.py"
    if not source.exists():
        return Exercises()
    spec = importlib.util.spec_from_file_location(f"exercises of {path.parent.name}", source)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Exercises = module.exercises
    return found


def exercise_number(cell: Any) -> int | None:
    """The number of the exercise that a cell is for."""
    for tag in cell.metadata.get("tags", []):
        if found := _TAG.fullmatch(tag):
            return int(found[1])
    return None


def expand(notebook: Any, exercises: Exercises) -> None:
    """Puts in each exercise's place a cell untouched, one a wrong answer, and one solved.

    Each of these cells says in its metadata which verdict is expected of it.
    """
    cells = []
    for cell in notebook.cells:
        number = exercise_number(cell)
        if number is None:
            cells.append(cell)
            continue
        exercise = exercises.exercises[number - 1]
        answers = [
            ("not attempted", BLANK),
            *(("not yet", wrong) for wrong in exercise.wrong),
            ("correct", exercise.solution),
        ]
        for verdict, answer in answers:
            attempt = copy.deepcopy(cell)
            attempt.source = cell.source.replace(BLANK, answer)
            attempt.id = f"attempt-{len(cells)}"
            attempt.metadata["attempt"] = {"exercise": number, "verdict": verdict}
            cells.append(attempt)
    notebook.cells = cells
