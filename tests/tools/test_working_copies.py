"""A learner's copies of the labs: without outputs, brought up to date, never overwritten."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tools.working_copies import done, update

ROOT = Path(__file__).parents[2]
NAME = "01-first/01-first.ipynb"


def notebook(*sources: str) -> Any:
    """As it is stored: every cell has run."""
    cells = [
        nbformat.v4.new_code_cell(
            source,
            id=f"cell-{number}",
            execution_count=number,
            outputs=[nbformat.v4.new_output("stream", text="an answer\n")],
        )
        for number, source in enumerate(sources, start=1)
    ]
    return nbformat.v4.new_notebook(cells=cells)


class Course:
    """A course of one lab, its copies, and who changes what."""

    def __init__(self, folder: Path) -> None:
        self.labs, self.work = folder / "labs", folder / "work"
        self.publish(NAME, notebook("1"))
        self.publish("01-first/exercises.py", "FIRST = 1\n")
        self.publish("README.md", "# The course\n")

    def publish(self, name: str, content: Any) -> None:
        path = self.labs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else nbformat.writes(content))

    def open(self) -> list[str]:
        return update(self.labs, self.work)

    def copy(self, name: str = NAME) -> Any:
        return nbformat.read(self.work / name, as_version=4)

    def save(self, changed: Any, name: str = NAME) -> None:
        nbformat.write(changed, self.work / name)

    def answer(self) -> Any:
        """The learner answers an exercise, and saves: the notebook as it is now."""
        theirs = self.copy()
        theirs.cells[0].source = "answer_1 = 3"
        self.save(theirs)
        return theirs

    def sources(self, name: str = NAME) -> list[str]:
        return [cell.source for cell in self.copy(name).cells]

    def names(self) -> list[str]:
        files = (path for path in self.work.rglob("*") if path.is_file())
        names = (str(path.relative_to(self.work)) for path in files)
        return sorted(name for name in names if not name.startswith("."))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


def test_a_copy_has_no_outputs_and_no_numbers(course: Course) -> None:
    assert course.open() == []
    (cell,) = course.copy().cells
    assert (cell.source, cell.outputs, cell.execution_count) == ("1", [], None)
    assert course.names() == [NAME, "01-first/exercises.py", "README.md"]
    # What is stored stays as it is.
    assert json.loads((course.labs / NAME).read_text())["cells"][0]["outputs"]


def test_what_runs_leave_in_labs_is_not_copied(course: Course) -> None:
    for name in ("01-first/data/iris.csv", "01-first/__pycache__/exercises.pyc",
                 "01-first/.ipynb_checkpoints/01-first.ipynb", "nbval-sanitize.cfg"):  # fmt: skip
        course.publish(name, "left")
    course.open()
    assert course.names() == [NAME, "01-first/exercises.py", "README.md"]


def test_the_second_time_writes_nothing(course: Course) -> None:
    course.open()
    before = {path: path.stat().st_mtime_ns for path in course.work.rglob("*")}
    assert course.open() == []
    assert {path: path.stat().st_mtime_ns for path in course.work.rglob("*")} == before


def test_a_new_version_replaces_a_copy_that_nobody_has_changed(course: Course) -> None:
    course.open()
    opened = course.copy()
    # JupyterLab saves this by itself when a notebook is opened.
    opened.metadata["language_info"] = {"name": "python", "version": "3.12.1"}
    course.save(opened)
    course.publish(NAME, notebook("2"))
    course.publish("01-first/exercises.py", "SECOND = 2\n")
    assert course.open() == []
    assert course.sources() == ["2"]
    assert (course.work / "01-first/exercises.py").read_text() == "SECOND = 2\n"


@pytest.mark.parametrize("what", ["a source", "an output", "a cell more"])
def test_what_the_learner_has_changed_is_kept(course: Course, what: str) -> None:
    course.open()
    theirs = course.copy()
    if what == "a source":
        theirs.cells[0].source = "answer_1 = 3"
    elif what == "an output":
        theirs.cells[0].outputs = [nbformat.v4.new_output("stream", text="mine\n")]
    else:
        theirs.cells.append(nbformat.v4.new_markdown_cell("A note of mine", id="mine"))
    course.save(theirs)
    assert course.open() == []
    assert course.copy() == theirs


def test_both_changed(course: Course) -> None:
    course.open()
    theirs = course.answer()
    course.publish(NAME, notebook("2"))
    assert course.open() == [
        f"work/{NAME} is as you left it; there is a new version: 01-first/01-first.new.ipynb"
    ]
    assert course.copy() == theirs
    assert course.sources("01-first/01-first.new.ipynb") == ["2"]
    assert course.copy("01-first/01-first.new.ipynb").cells[0].outputs == []
    # It is said once.
    assert course.open() == []
    (course.work / "01-first/01-first.new.ipynb").unlink()
    assert course.open() == []
    assert course.names() == [NAME, "01-first/exercises.py", "README.md"]


def test_the_new_version_is_not_overwritten_either(course: Course) -> None:
    course.open()
    theirs = course.answer()
    course.publish(NAME, notebook("2"))
    course.open()
    course.publish(NAME, notebook("3"))
    course.open()
    assert course.sources("01-first/01-first.new.ipynb") == ["3"]

    course.save(theirs, "01-first/01-first.new.ipynb")
    course.publish(NAME, notebook("4"))
    (said,) = course.open()
    assert said.endswith("01-first/01-first.new2.ipynb")
    assert course.sources("01-first/01-first.new.ipynb") == ["answer_1 = 3"]
    assert course.sources("01-first/01-first.new2.ipynb") == ["4"]


def test_the_learner_takes_the_new_version(course: Course) -> None:
    course.open()
    course.save(notebook("answer_1 = 3"))
    course.publish(NAME, notebook("2"))
    course.open()
    (course.work / "01-first/01-first.new.ipynb").rename(course.work / NAME)
    course.publish(NAME, notebook("3"))
    assert course.open() == []
    assert course.sources() == ["3"]


def test_a_helper_that_the_learner_has_changed_is_kept(course: Course) -> None:
    course.open()
    helper = course.work / "01-first/exercises.py"
    helper.write_text("MINE = 1\n")
    course.publish("01-first/exercises.py", "SECOND = 2\n")
    (said,) = course.open()
    assert said.endswith("01-first/exercises.new.py")
    assert helper.read_text() == "MINE = 1\n"


def test_a_copy_that_was_deleted_comes_anew(course: Course) -> None:
    course.open()
    course.save(notebook("a mess"))
    (course.work / NAME).unlink()
    assert course.open() == []
    assert course.sources() == ["1"]


def test_a_lab_that_has_gone(course: Course) -> None:
    """Its copy goes with it, but not what the learner has made of it."""
    course.publish("02-second/02-second.ipynb", notebook("1"))
    course.open()
    course.save(notebook("answer_1 = 3"))
    (course.labs / NAME).unlink()
    (course.labs / "02-second/02-second.ipynb").unlink()
    assert course.open() == []
    assert course.names() == [NAME, "01-first/exercises.py", "README.md"]
    assert course.sources() == ["answer_1 = 3"]
    assert not (course.work / "02-second").exists()


def test_a_lost_record_overwrites_nothing(course: Course) -> None:
    course.open()
    course.save(notebook("answer_1 = 3"))
    (course.work / ".given.json").write_text("half")
    assert len(course.open()) == 1
    assert course.sources() == ["answer_1 = 3"]


def test_a_copy_that_is_no_notebook_any_more_is_kept(course: Course) -> None:
    course.open()
    (course.work / NAME).write_text("{")
    course.publish(NAME, notebook("2"))
    assert len(course.open()) == 1
    assert (course.work / NAME).read_text() == "{"
    assert done(course.work) == ""


def test_what_has_been_run_is_said(course: Course) -> None:
    course.publish(NAME, notebook("1", "2", "3"))
    course.open()
    assert done(course.work) == ""
    theirs = course.copy()
    theirs.cells[0].execution_count = theirs.cells[2].execution_count = 7
    course.save(theirs)
    assert done(course.work) == "01-first (2 of 3 cells)"


def test_the_links_of_the_copies_lead_somewhere(tmp_path: Path) -> None:
    """From work/, as from labs/: the pictures, the container and the documents are beside it."""
    for path in ROOT.iterdir():
        if path.name not in ("labs", "work"):
            (tmp_path / path.name).symlink_to(path)
    work = tmp_path / "work"
    update(ROOT / "labs", work)
    notebooks = list(work.glob("*/*.ipynb"))
    assert len(notebooks) >= 9
    for path in notebooks:
        text = "".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        for target in re.findall(r'\]\(([^)#\s]+)|src="([^"]+)"|"(\.\./[^"]+)"', text):
            link = "".join(target)
            if "/" in link and not link.startswith(("http", "s3:", "data")):
                assert (path.parent / link).exists(), (path.name, link)


def test_it_needs_nothing_that_is_installed() -> None:
    """`./lab open` may run it with the system's Python."""
    program = [sys.executable, "-I", "-S", "-c", "import runpy, sys; runpy.run_path(sys.argv[1])"]
    module = str(ROOT / "tools" / "working_copies.py")
    ended = subprocess.run([*program, module], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
