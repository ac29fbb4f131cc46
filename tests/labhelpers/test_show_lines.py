"""Parts of files, as a notebook shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from labhelpers import LabError
from labhelpers.show_lines import show_lines


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program"
    path.write_text("one\ndef f():\n    return 1\n\ndef g():\n    return 2\n")
    return path


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("def f", "return", "def f():\n    return 1\n"),
        ("def g", "return", "def g():\n    return 2\n"),
        ("def g", "", "def g():\n    return 2\n"),
        ("", "one", "one\n"),
        ("one", "one", "one\n"),
    ],
)
def test_it_shows_from_the_first_line_to_the_next_last(
    program: Path, first: str, last: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_lines(program, first, last)
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(("first", "last", "missing"), [("h", "", "h"), ("def g", "one", "one")])
def test_what_is_not_there_is_said(program: Path, first: str, last: str, missing: str) -> None:
    with pytest.raises(LabError, match=f"has no line with '{missing}'. Was it changed"):
        show_lines(program, first, last)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"There is no file .*/train"):
        show_lines(tmp_path / "train")
