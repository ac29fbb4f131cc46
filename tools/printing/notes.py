"""What labs/README.md says about a lab: its times and prices, and how to teach it."""

from __future__ import annotations

import re
from pathlib import Path

from tools.printing import prose

_NAMED = re.compile(r"Lab (\d\d[a-z]?)\b")


def teaching(index: str, path: Path) -> list[str]:
    """The notes on a notebook, in Markdown: those that begin with `Lab 02a`, or `Lab 02`."""
    number = path.stem.partition("-")[0]
    notes = [(_NAMED.match(note), note) for note in _notes(index)]
    return [note for lab, note in notes if lab and number.startswith(lab[1])]


def general(index: str) -> list[str]:
    """The notes on no lab in particular, in Markdown."""
    return [note for note in _notes(index) if not _NAMED.match(note)]


def times(index: str, path: Path) -> dict[str, str]:
    """The row of a notebook in the table of times and prices: what stands below each heading."""
    number, folder = path.stem.partition("-")[0], path.parent.name
    rows = [_fields(line) for line in index.splitlines() if line.startswith("|")]
    for head, header in enumerate(rows):
        if header[:2] != ["lab", "reading time"]:
            continue
        for row in rows[head + 1 :]:
            if row[0] in (folder, f"{folder}, {number}") and len(row) == len(header):
                return dict(zip(header[1:], row[1:], strict=True))
    return {}


def section(text: str, heading: str) -> str:
    """What stands below a heading of level 2."""
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def _notes(index: str) -> list[str]:
    return prose.items(section(index, "For instructors"))


def _fields(line: str) -> list[str]:
    return [field.strip() for field in line.strip().strip("|").split("|")]
