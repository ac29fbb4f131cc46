"""Writes how long each notebook takes to read into the table of labs/README.md.

`python -m tools.reading_time` writes it; a test holds the table against the notebooks.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

LABS = Path(__file__).parents[1] / "labs"
INDEX = LABS / "README.md"
WORDS_A_MINUTE = 200
# The folder, the notebook's number where a folder has several, and the time.
_ROW = re.compile(r"^(\| (\d\d)(-[\w-]+)(?:, (\d\d\w))? \|) \d+ min \|", re.M)


def index() -> str:
    """The index, with the reading times of the notebooks as they are now."""
    return _ROW.sub(
        lambda row: f"{row[1]} {minutes(notebook(row[2] + row[3], row[4] or row[2]))} min |",
        INDEX.read_text(),
    )


def notebook(folder: str, number: str) -> Path:
    (found,) = (LABS / folder).glob(f"{number}-*.ipynb")
    return found


def minutes(path: Path) -> int:
    """The minutes that the text of a notebook takes, without code and outputs."""
    cells = nbformat.read(path, as_version=4).cells
    return max(
        1, round(sum(words(cell.source) for cell in cells if _is_text(cell)) / WORDS_A_MINUTE)
    )


def words(text: str) -> int:
    """The words that a reader sees: where a link leads and what a picture shows is not read."""
    return len(re.findall(r"[^\W_][\w’'-]*", re.sub(r"!\[[^]]*\]\([^)]*\)|\]\([^)]*\)", " ", text)))


def _is_text(cell: nbformat.NotebookNode) -> bool:
    return bool(cell.cell_type == "markdown")


if __name__ == "__main__":
    INDEX.write_text(index())
