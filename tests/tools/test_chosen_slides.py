"""What of a step is on a slide: what it begins with, its pictures, and what a notebook chooses."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from tools.printing.lesson import read
from tools.printing.slides import slides

from .printed import words

BEGINS = "It begins with a number that the rest of this step is about."


def lesson_of(folder: Path, *cells: Any) -> str:
    """The slides of a notebook with one step."""
    start = v4.new_markdown_cell(f"# Lab 01 · One\n\nOne step.\n\n## Step 1 · `one`\n\n{BEGINS}")
    path = folder / "01-one.ipynb"
    nbformat.write(v4.new_notebook(cells=[start, *cells]), path)
    return slides(read(path))


def code_cell(source: str, png: bytes = b"", tags: Iterable[str] = ()) -> Any:
    """A cell with a plot in its output, if there are bytes of one."""
    data = {"image/png": base64.b64encode(png).decode()}
    outputs = [v4.new_output("display_data", data=data)] if png else []
    return v4.new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)})


PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 10, 10)


def test_a_late_picture_stands_behind_what_the_step_begins_with(tmp_path: Path) -> None:
    later = v4.new_markdown_cell("Now a picture.")
    page = lesson_of(tmp_path, code_cell("begin = 1"), later, code_cell("plot()", PNG))
    parts = [words(part) for part in page.split("<section")]
    (first,) = [part for part in parts if BEGINS in part]
    (second,) = [part for part in parts if "Now a picture." in part]
    assert "begin = 1" in first and parts.index(first) < parts.index(second)
    assert "one (2)" in second


def test_a_notebook_chooses_with_a_tag(tmp_path: Path) -> None:
    """A text belongs to the code or plot before or behind it; what is not tagged is not shown."""
    tag = {"tags": ["slide"]}
    page = lesson_of(
        tmp_path,
        code_cell("begin = 1"),
        v4.new_markdown_cell("This matters.", metadata=tag),
        code_cell("matters = 2", tags=["slide"]),
        code_cell("plot()", PNG, ["slide"]),
        v4.new_markdown_cell("This was seen.", metadata=tag),
        v4.new_markdown_cell("This, too, alone.", metadata=tag),
    )
    said = words(page)
    assert BEGINS not in said and "begin = 1" not in said and "plot()" not in said
    chosen = [part for part in page.split("<section") if "Step 1" in part]
    for part, text, more in zip(
        chosen,
        ("This matters.", "This was seen.", "This, too, alone."),
        ("matters", "data:image/png", ""),
        strict=True,
    ):
        assert text in part and more in part
    assert "<pre" not in chosen[1] and "<pre" not in chosen[2]


def test_a_cell_that_shows_a_file_shows_it_on_the_slide(tmp_path: Path) -> None:
    listing = {"text/markdown": "```python\n    shown = 3\n```", "text/plain": "    shown = 3"}
    outputs = [v4.new_output("display_data", data=listing)]
    show = 'import sys\n\nsys.path.insert(0, "src")\nshow_lines("src/a.py", "shown")'
    more = v4.new_markdown_cell("And this is more about it.")
    page = words(lesson_of(tmp_path, v4.new_code_cell(show, outputs=outputs), more))
    assert "shown = 3" in page and "show_lines" not in page and "sys.path" not in page

    page = words(lesson_of(tmp_path, v4.new_code_cell(f"{show}\nown = 4", outputs=outputs), more))
    assert "own = 4" in page and "shown" not in page
