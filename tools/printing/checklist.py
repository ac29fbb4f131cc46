"""The checklist to go home with, a page of its own: the one in docs/classroom/README.md."""

from __future__ import annotations

from pathlib import Path

from tools.printing import pages, prose
from tools.printing.notes import section

_HEADING = "Before you go home"
_BOX = "[ ] "


def checklist(classroom: str, folder: Path) -> str:
    """The page. `classroom` is the text of docs/classroom/README.md, which lies in `folder`."""
    found = prose.items(section(classroom, _HEADING))
    points = [point.removeprefix(_BOX) for point in found if point.startswith(_BOX)]
    shown = [pages.markdown(point, folder) for point in points]
    return pages.page("checklist", title=_HEADING, points=shown)
