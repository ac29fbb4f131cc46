"""`python -m tools.printing [--instructor] [01 …]`: what an instructor hands out, or reads.

Without `--instructor` it writes to build/print/ a sheet and slides for each notebook, and the
checklist to go home with. None of it knows the solutions. With it, it writes the instructor's
edition to build/instructor/; then labcloud must be behind it (`labcloud exec`), because the answers
are tried. The working directory is the course's folder.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.exercise_cells import load_exercises
from tools.printing import notes, told
from tools.printing.checklist import checklist
from tools.printing.instructor import contents, edition
from tools.printing.lesson import read
from tools.printing.sheet import sheet
from tools.printing.slides import slides
from tools.runner import find
from tools.working_copies import write


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 if answers could not be tried, 2 if there is no such lab."""
    parser = argparse.ArgumentParser(prog="tools.printing", description=__doc__)
    parser.add_argument("--instructor", action="store_true")
    parser.add_argument("labs", nargs="*", help="numbers (01, 02b) or folder names; default: all")
    options = parser.parse_args(arguments)
    root = Path.cwd()
    try:
        notebooks = list(find(root / "labs", options.labs))
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    if options.instructor:
        return _for_instructors(root, notebooks)
    _for_learners(root, notebooks)
    return 0


def _for_learners(root: Path, notebooks: list[Path]) -> None:
    build = root / "build" / "print"
    glossary = (root / "labs" / "glossary.md").read_text()
    for path in notebooks:
        lesson = read(path)
        _write(build / f"{path.stem}-sheet.html", sheet(lesson, glossary))
        _write(build / f"{path.stem}-slides.html", slides(lesson))
    classroom = root / "docs" / "classroom"
    page = checklist((classroom / "README.md").read_text(), classroom)
    _write(build / "before-you-go-home.html", page)


def _for_instructors(root: Path, notebooks: list[Path]) -> int:
    build, status = root / "build" / "instructor", 0
    index = (root / "labs" / "README.md").read_text()
    written = []
    for path in notebooks:
        exercises, answers = load_exercises(path), {}
        try:
            answers = dict(told.told(path, exercises))
        except told.NotRun as error:
            status = 1
            print(
                f"\n{path.stem} stopped, so its page does not say what answers are told.\n"
                f"{error.problem}\n",
                file=sys.stderr,
            )
        _write(build / f"{path.stem}.html", edition(path, exercises, answers, index))
        written.append((f"{path.stem}.html", read(path).title, notes.times(index, path)))
    _write(build / "index.html", contents(written, index, root / "labs"))
    return status


def _write(path: Path, page: str) -> None:
    write(path, page.encode())
    print(path.relative_to(Path.cwd()), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
