"""A notebook of the course under test, in one run of its kernel.

nbval runs its cells and compares their stored outputs. Between them, every answer to its exercises
is tried. After the last cell, what the run left in the account and the AWS calls that it made are
checked. Each cell, answer and check is a test of its own.
"""

# nbval has no types.
# mypy: disallow-subclassing-any=False

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from nbval.kernel import RunningKernel, start_new_kernel
from nbval.plugin import IPyNbCell, IPyNbFile

from labhelpers import connect, leftovers
from tests.labs import attempts, permissions
from tools import exercise_cells

# What a kernel may import beside the course; the modules here have names that others may have.
IN_KERNEL = Path(__file__).parent / "in_kernel"
_NOT_IN_A_CLONE = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "data", "ml2p.yml")


@dataclass(frozen=True)
class Run:
    """What came of a run: the AWS calls that it made (`service:Operation`), and what it left."""

    calls: frozenset[str]
    left: pd.DataFrame


class Kernel(RunningKernel):
    """nbval's, which opens a file for its errors and never closes it."""

    def __init__(self, name: str, folder: Path, seconds: float) -> None:
        self.km, self.kc = start_new_kernel(
            startup_timeout=seconds,
            kernel_name=name,
            cwd=str(folder),
            stderr=subprocess.DEVNULL,
        )
        self._ensure_iopub_up()


class Notebook(IPyNbFile):
    """Collects the cells of a notebook, the answers to its exercises, and the checks of its run."""

    kernel: Kernel | None = None
    _folder: Path
    _kept: contextlib.ExitStack | None = None

    def collect(self) -> Iterator[pytest.Item]:
        exercises = exercise_cells.load_exercises(self.path)
        for cell in super().collect():
            number = exercise_cells.exercise_number(cell.cell)
            if number is None:
                yield cell
                continue
            yield Answer.of(cell, attempts.untouched(cell.cell, number), cell.name)
            for attempt in attempts.answers(cell.cell, number, exercises):
                # Only the untouched cell has a stored output.
                cell.options["check"] = False
                yield Answer.of(cell, attempt, f"{cell.name}, {attempt.label}")
        for check in CHECKS:
            yield Check.from_parent(self, check=check)

    def setup(self) -> None:
        """Starts the kernel, in a copy: what a lab writes beside itself is not the repository's."""
        with contextlib.ExitStack() as kept:
            self._folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="course-")))
            beside = self._folder / "labs" / self.path.parent.name
            shutil.copytree(self.path.parent, beside, ignore=_NOT_IN_A_CLONE)
            policy = self.path.parents[1] / "policy.json"
            if policy.exists():
                shutil.copy(policy, beside.parent)
            container = self.path.parents[2] / "container"
            shutil.copytree(container, self._folder / "container", ignore=_NOT_IN_A_CLONE)
            self._calls.touch()
            self.setup_sanitize_files()
            with recording(self._calls):
                self.kernel = Kernel(
                    self.nb.metadata.kernelspec.name,
                    beside,
                    self.config.option.nbval_kernel_startup_timeout,
                )
            self._kept = kept.pop_all()

    def teardown(self) -> None:
        if self._kept is None:
            return
        with self._kept:
            # The next notebook starts in an empty account, even if no check was asked for.
            _ = self.run

    @functools.cached_property
    def run(self) -> Run:
        """Ends the kernel and empties the account."""
        if self.kernel is not None:
            super().teardown()
            self.kernel = None
        calls = frozenset(self._calls.read_text().split())
        lab = connect("99-sweep")
        assert lab.is_local, "this would delete what the course has left on AWS"
        return Run(calls, leftovers(lab, delete=True, everybody=True))

    @property
    def _calls(self) -> Path:
        return self._folder / "calls"


@contextlib.contextmanager
def recording(calls: Path) -> Iterator[None]:
    """A kernel that is started now writes its AWS calls to a file, and knows nothing of pytest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        patch.setenv("LAB_CALLS", str(calls))
        patch.setenv("PYTHONPATH", str(IN_KERNEL), prepend=os.pathsep)
        plugins = os.environ["BOTOCORE_EXPERIMENTAL__PLUGINS"]
        patch.setenv("BOTOCORE_EXPERIMENTAL__PLUGINS", f"{plugins},recorder=call_recorder")
        yield


class Answer(IPyNbCell):
    """The cell of an exercise with an answer in it: the check of the exercise gives its verdict."""

    verdict = ""

    @classmethod
    def of(cls, cell: IPyNbCell, attempt: attempts.Attempt, name: str) -> Answer:
        """A test of one attempt at the exercise of a cell."""
        made: Answer = cls.from_parent(
            cell.parent,
            name=name,
            cell_num=cell.cell_num,
            cell=attempt.cell,
            options=cell.options.copy(),
        )
        made.verdict = attempt.verdict
        return made

    def runtest(self) -> None:
        super().runtest()
        said = exercise_cells.said(self.test_outputs)
        if not said.startswith(self.verdict):
            self.raise_cell_error(f"Its output should begin with {self.verdict!r}", said)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name}"


class Check(pytest.Item):
    """What must be true of a notebook's run."""

    def __init__(self, *, check: Callable[[Any], None], **keywords: Any) -> None:
        super().__init__(name=check.__name__, **keywords)
        self.check = check

    def runtest(self) -> None:
        self.check(self.parent)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The traceback without pytest's own frames."""
        excinfo.traceback = excinfo.traceback.cut(path=__file__)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name}"


def nothing_that_costs_money_is_left(notebook: Notebook) -> None:
    free = notebook.run.left["dollars an hour"] == 0
    assert notebook.run.left[~free]["name"].tolist() == []


def every_call_is_allowed_by_the_policy(notebook: Notebook) -> None:
    assert notebook.run.calls, "no call was recorded"
    statements = permissions.statements_for(notebook.path)
    assert permissions.missing(notebook.run.calls, statements) == []


CHECKS = (nothing_that_costs_money_is_left, every_call_is_allowed_by_the_policy)
