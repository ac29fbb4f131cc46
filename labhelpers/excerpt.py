"""Shows a part of a file: what a reader is to look at, from the file itself."""

from __future__ import annotations

from pathlib import Path

from labhelpers.errors import LabError


def excerpt(path: str | Path, first: str = "", last: str = "") -> None:
    """Prints the lines from the first that holds `first` to the next that holds `last`.

    Without `first` from the beginning, without `last` to the end. Raises LabError.
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
