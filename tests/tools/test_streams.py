"""What a cell prints stays where it was printed, before or behind a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.runner import execute
from tools.streams import joined

_SHOWS_IN_BETWEEN = """
from IPython.display import Markdown, display

print("before")
print("too", flush=True)
display(Markdown("**a picture**"))
print("behind", flush=True)
print("too")
"""


def printed(text: str, name: str = "stdout") -> Any:
    return new_output("stream", name=name, text=text)


def picture() -> Any:
    return new_output("display_data", data={"text/plain": "a picture"})


def seen(outputs: list[Any]) -> list[tuple[str, str]]:
    return [(output.get("name", "picture"), output.get("text", "")) for output in outputs]


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ([], []),
        ([printed("a\n"), printed("b\n")], [("stdout", "a\nb\n")]),
        (
            [printed("a\n"), printed("b\n"), picture(), printed("c\n"), printed("d\n")],
            [("stdout", "a\nb\n"), ("picture", ""), ("stdout", "c\nd\n")],
        ),
        (
            [printed("w\n", "stderr"), printed("a\n"), printed("x\n", "stderr"), printed("b\n")],
            [("stdout", "a\nb\n"), ("stderr", "w\nx\n")],
        ),
        ([picture(), picture()], [("picture", ""), ("picture", "")]),
        ([printed(" 10%\r 5"), printed("0%\r100%\n")], [("stdout", "100%\n")]),
        ([printed("a\r\nb\r\n")], [("stdout", "a\r\nb\r\n")]),
    ],
)
def test_neighbours_are_joined(outputs: list[Any], expected: list[tuple[str, str]]) -> None:
    assert seen(joined(outputs)) == expected


def test_a_notebook_that_runs_keeps_the_order_of_what_it_shows(tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell(_SHOWS_IN_BETWEEN)])
    assert execute(notebook, tmp_path) is None
    assert seen(notebook.cells[0].outputs) == [
        ("stdout", "before\ntoo\n"),
        ("picture", ""),
        ("stdout", "behind\ntoo\n"),
    ]


def test_an_error_stays_behind_what_was_printed_before_it(tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell("print(1, flush=True)\nprint(2)\n1 / 0")])
    assert "ZeroDivisionError" in str(execute(notebook, tmp_path))
    first, second = notebook.cells[0].outputs
    assert (first.text, second.output_type) == ("1\n2\n", "error")
