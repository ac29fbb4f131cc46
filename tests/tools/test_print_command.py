"""The commands that print: which pages they write, and what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .printed import ROOT, course, words


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.printing", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_print_writes_pages_and_no_solution(tmp_path: Path) -> None:
    course(tmp_path)
    done = run(tmp_path, "01")
    assert done.returncode == 0, done.stderr
    build = tmp_path / "build" / "print"
    names = ["01-twice-sheet.html", "01-twice-slides.html", "before-you-go-home.html"]
    assert sorted(path.name for path in build.iterdir()) == names
    assert done.stdout.splitlines() == [f"build/print/{name}" for name in names]
    assert not any("2 * number" in path.read_text() for path in build.iterdir())


@pytest.mark.slow
def test_the_edition_says_what_answers_are_told(tmp_path: Path) -> None:
    course(tmp_path)
    done = run(tmp_path, "--instructor")
    assert done.returncode == 0, done.stderr
    said = words((tmp_path / "build" / "instructor" / "01-twice.html").read_text())
    assert "correct: twice 3 is 6." in said
    assert "not yet: 7 is not twice 3." in said
    contents = (tmp_path / "build" / "instructor" / "index.html").read_text()
    assert '<a href="01-twice.html">Lab 01 · Twice</a>' in contents


@pytest.mark.slow
def test_a_notebook_that_stops_has_a_page_all_the_same(tmp_path: Path) -> None:
    course(tmp_path, "number = nobody")
    done = run(tmp_path, "--instructor")
    assert done.returncode == 1
    assert "01-twice stopped" in done.stderr and "NameError" in done.stderr
    said = words((tmp_path / "build" / "instructor" / "01-twice.html").read_text())
    assert "answer_1 = 2 * number" in said and "not tried" in said


@pytest.mark.parametrize("options", [[], ["--instructor"]])
def test_a_lab_that_is_not_there(options: list[str]) -> None:
    command = [sys.executable, str(ROOT / "lab"), "print", *options, "77"]
    environment = os.environ | {"LAB_NO_SETUP": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "There is no lab '77'." in done.stderr
