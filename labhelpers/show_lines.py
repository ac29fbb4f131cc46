"""Prints a part of a file, so that a notebook shows what the file says and not a copy of it."""

from __future__ import annotations

from pathlib import Path

from labhelpers.errors import LabError


def show_lines(path: str | Path, first: str = "", last: str = "") -> None:
    """Prints a file from the first line that contains `first` to the next that contains `last`.

    Without `first`, from the beginning of the file; without `last`, to its end. Raises LabError.
    """
    path = Path(path)
    if not path.is_file():
        raise LabError(f"There is no file {path}")
    lines = path.read_text().splitlines()
    begin = _line(path, lines, first, 0) if first else 0
    end = _line(path, lines, last, begin) if last else len(lines) - 1
    print(*lines[begin : end + 1], sep="\n")


def _line(path: Path, lines: list[str], text: str, begin: int) -> int:
    for number in range(begin, len(lines)):
        if text in lines[number]:
            return number
    raise LabError(f"{path} has no line with {text!r}. Was it changed?")
