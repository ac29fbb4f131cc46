"""`python -m tools.room FOLDER [--watch]`: who of a room has solved what, and where each is now.

FOLDER holds a folder for each learner; docs/classroom/README.md says how they are made. With
`--watch` the table is shown again when something has changed, until Ctrl-C. The working directory
is the course's folder.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from tools.room.course import notebooks
from tools.room.notes import learners
from tools.room.table import Style, table

# How often the notes are read again (seconds).
_EVERY = 5.0
_CLEAR = "\033[H\033[2J\033[3J"


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 if the folder cannot be read."""
    parser = argparse.ArgumentParser(prog="tools.room", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--watch", action="store_true")
    options = parser.parse_args(arguments)
    course, shown = notebooks(Path.cwd() / "labs"), ""
    while True:
        now = time.time()
        try:
            people = learners(options.folder, course, now)
        except OSError as error:
            print(
                f"{options.folder} cannot be read ({error.strerror}). ./lab room FOLDER reads "
                "another one; docs/classroom/README.md says how it is made, and who may read it.",
                file=sys.stderr,
            )
            return 1
        text = "\n".join(table(people, course, now, _style()))
        if text != shown:
            print((_CLEAR if options.watch and sys.stdout.isatty() else "") + text, flush=True)
        if not options.watch:
            return 0
        shown = text
        time.sleep(_EVERY)


def _style() -> Style:
    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 200
    default = Style(colours=sys.stdout.isatty(), width=width)
    try:
        (default.solved + default.untouched).encode(sys.stdout.encoding)
    except (UnicodeEncodeError, LookupError):
        return Style("*", ".", default.colours, width)
    return default


if __name__ == "__main__":
    try:
        status = main()
    except KeyboardInterrupt:
        # The way to end --watch.
        status = 0
    raise SystemExit(status)
