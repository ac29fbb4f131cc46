"""The index says how long a notebook takes to read."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tools import reading_time


def test_the_index_is_as_it_would_be_written_now() -> None:
    assert reading_time.INDEX.read_text() == reading_time.index(), (
        "run python -m tools.reading_time"
    )


def test_every_notebook_has_its_row() -> None:
    rows = reading_time._ROW.findall(reading_time.INDEX.read_text())
    named = {
        reading_time.notebook(digits + name, number or digits) for _, digits, name, number in rows
    }
    assert named == set(reading_time.LABS.glob("*/*.ipynb"))


def test_it_counts_what_is_read(tmp_path: Path) -> None:
    cells = [
        nbformat.v4.new_markdown_cell("word " * 390 + "![A picture of it](images/one.svg)"),
        nbformat.v4.new_markdown_cell("a [link](https://example.com/a/b/c), and it’s **bold**"),
        nbformat.v4.new_code_cell("more = 'words' * 1000\n" * 400),
    ]
    path = tmp_path / "01-any.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    assert reading_time.minutes(path) == 2


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("one", 1), ("| a | b |\n|---|---|", 2), ("`/opt/ml`, 5 cents", 4), ("it's", 1)],
)
def test_words(text: str, count: int) -> None:
    assert reading_time.words(text) == count
