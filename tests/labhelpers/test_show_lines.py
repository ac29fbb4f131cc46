"""Parts of files, as a notebook shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from labhelpers import LabError
from labhelpers.show_lines import Listing, show_lines


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


@pytest.mark.parametrize(
    ("name", "first", "language"),
    [
        ("predictor.py", "import io", "python"),
        ("train", "#!/usr/bin/env python3", "python"),
        ("serve", "#!/bin/sh", "sh"),
        ("Dockerfile", "FROM base", "dockerfile"),
        ("nginx.conf", "daemon off;", "nginx"),
        ("policy.json", "{}", "json"),
        ("notes", "FROM me", ""),
        ("empty", "", ""),
    ],
)
def test_a_notebook_highlights_it_in_its_language(
    name: str, first: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Listing] = []
    monkeypatch.setattr("labhelpers.show_lines.display", shown.append)
    (tmp_path / name).write_text(first)
    show_lines(tmp_path / name)
    assert shown[0]._repr_markdown_() == f"```{language}\n{first}\n```"
    assert repr(shown[0]) == first
