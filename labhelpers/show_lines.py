"""Shows a part of a file, so that a notebook shows what the file says and not a copy of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from IPython.display import display

from labhelpers.errors import LabError

# What JupyterLab calls the language of a file, by its name or the end of its name.
_LANGUAGES = {
    "Dockerfile": "dockerfile", ".conf": "nginx", ".html": "html", ".json": "json",
    ".py": "python", ".sh": "sh",
}  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """Lines of a file, and what JupyterLab calls their language ("" if that is not known)."""

    text: str
    language: str

    def __repr__(self) -> str:
        """The lines alone. A notebook stores them beside the Markdown."""
        return self.text

    def _repr_markdown_(self) -> str:
        """The lines, highlighted in the colours of the page. IPython calls it."""
        return f"```{self.language}\n{self.text}\n```"


def show_lines(path: str | Path, first: str = "", last: str = "") -> None:
    """Shows a file from the first line that contains `first` to the next that contains `last`.

    In a notebook they are highlighted; elsewhere they are printed. Without `first`, from the
    beginning of the file; without `last`, to its end. Raises LabError.
    """
    path = Path(path)
    if not path.is_file():
        raise LabError(f"There is no file {path}")
    lines = path.read_text().splitlines()
    begin = _line(path, lines, first, 0) if first else 0
    end = _line(path, lines, last, begin) if last else len(lines) - 1
    shown = Listing("\n".join(lines[begin : end + 1]), _language(path, lines))
    display(shown)  # type: ignore[no-untyped-call]


def _line(path: Path, lines: list[str], text: str, begin: int) -> int:
    for number in range(begin, len(lines)):
        if text in lines[number]:
            return number
    raise LabError(f"{path} has no line with {text!r}. Was it changed?")


def _language(path: Path, lines: list[str]) -> str:
    """By the file's name. A program without an ending says it in its first line."""
    known = _LANGUAGES.get(path.suffix or path.name)
    if known:
        return known
    starts_with = lines[0] if lines and lines[0].startswith("#!") else ""
    return "python" if "python" in starts_with else "sh" if starts_with.endswith("sh") else ""
