"""Pages of the course's notebooks, and of a small course; what is read on them."""

from __future__ import annotations

import functools
import html
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v4

from tools.printing.lesson import read
from tools.printing.sheet import sheet
from tools.printing.slides import slides
from tools.runner import find

ROOT = Path(__file__).parents[2]
LABS = ROOT / "labs"
NOTEBOOKS = list(find(LABS, []))
GLOSSARY = (LABS / "glossary.md").read_text()
INDEX = (LABS / "README.md").read_text()
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


@functools.cache
def sheet_of(path: Path) -> str:
    return sheet(read(path), GLOSSARY)


@functools.cache
def slides_of(path: Path) -> str:
    return slides(read(path))


def words(page: str) -> str:
    """What is read on a page."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def loaded(page: str) -> list[str]:
    """What a browser loads for a page from elsewhere."""
    found = re.findall(r"""(?:src|srcset|data|poster)=["']([^"']*)|url\(([^)]*)\)""", page)
    addresses = [one or other for one, other in found]
    linked = re.findall(r"<(?:link|script|iframe|object|embed)\b[^>]*\b(?:src|href)=[^>]*>", page)
    return [one for one in addresses if not one.startswith("data:")] + linked


EXERCISES = """\
from labhelpers import Exercise, Exercises, NotYet

def check(answer, *, of):
    if answer != 2 * of:
        raise NotYet(f"{answer} is not twice {of}.")
    return f"twice {of} is {answer}."

exercises = Exercises(
    Exercise(check=check, hints=("Add it.",), solution="answer_1 = 2 * number",
             wrong=("answer_1 = number", "answer_1 = 7")),
)
"""


def course(folder: Path, code: str = "number = 3") -> Path:
    """A course of one notebook with one exercise; what stands behind that would fail."""
    cells: list[Any] = [
        v4.new_markdown_cell(
            "# Lab 01 · Twice\n\nTake it twice.\n\n## Step 1 · A number\n\nIt is 3."
        ),
        v4.new_code_cell(code),
        v4.new_markdown_cell("## Exercises"),
        v4.new_code_cell("from exercises import exercises"),
        v4.new_markdown_cell("**Exercise 1.** What is twice the number?"),
        v4.new_code_cell(
            "answer_1 = ...\n\nexercises.check(1, answer_1, of=number)\n# exercises.hint(1)",
            metadata={"tags": ["exercise-1"]},
        ),
        v4.new_code_cell("1 / 0"),
    ]
    path = folder / "labs" / "01-twice" / "01-twice.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(v4.new_notebook(cells=cells), path)
    (path.parent / "exercises.py").write_text(EXERCISES)
    for name in ("glossary.md", "README.md"):
        shutil.copy(LABS / name, folder / "labs")
    (folder / "docs" / "classroom").mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "classroom" / "README.md", folder / "docs" / "classroom")
    return path
