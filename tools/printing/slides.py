"""The slides of a lab: its title, its goals, its steps with picture or code, its exercises.

One page without programs of others: the browser's own scrolling moves from slide to slide, and
printing gives a page a slide. How much text and code a slide takes is limited here, so that nothing
runs out of it.

What a step shows is chosen here, too, unless its notebook chooses: cells with the tag `slide` take
the place of the step's slides, a text and the code or plot beside it for each.
"""

from __future__ import annotations

import base64
import re
import struct
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tools.printing import pages, prose
from tools.printing.lesson import IMAGE, LEARN, LEARNED, Lesson, Section

# What a slide takes: characters of text alone, beside a picture, of an exercise, and of a list.
_TEXT, _BESIDE, _EXERCISE, _LIST = 270, 240, 500, 800
# Of code: lines, and characters in a line.
_LINES, _COLUMNS = 10, 100
_PLOT = "image/png"
# The tag of the cells that a notebook chooses.
CHOSEN = "slide"
# A step that says no more than this (characters), above one line of code, needs no slide.
_LITTLE = 60


@dataclass(frozen=True)
class Slide:
    """A slide: a heading, and below it text, a list, code or a picture. `kind` is its layout."""

    kind: str
    heading: str | Markup
    text: Markup | None = None
    points: tuple[Markup, ...] = ()
    code: Markup | None = None
    picture: Markup | None = None


def slides(lesson: Lesson) -> str:
    """The page of a lesson."""
    title = prose.read(lesson.title)
    return pages.page("slides", title=title, slides=list(_slides(lesson)))


def _slides(lesson: Lesson) -> Iterator[Slide]:
    folder = lesson.path.parent

    def shown(text: str) -> Markup:
        return pages.markdown(text, folder)

    def points(heading: str) -> tuple[Markup, ...]:
        return _points(prose.items(lesson.section(heading).text), folder)

    title = pages.inline(lesson.title, folder)
    picture = pages.image(lesson.picture, folder)
    yield Slide("title", title, shown(lesson.summary), picture=picture)
    yield Slide("list", LEARN, points=points(LEARN))
    for step in lesson.steps:
        yield from _of_step(step, lesson)
    for exercise in lesson.exercises:
        text = exercise.text.partition(".**")[2]
        yield Slide(
            "exercise",
            f"Exercise {exercise.number}",
            shown(prose.opening(text, _EXERCISE)),
            code=pages.code(excerpt(exercise.source)),
        )
    yield Slide("list", LEARNED, points=points(LEARNED))


def _of_step(step: Section, lesson: Lesson) -> Iterator[Slide]:
    """The slides of a step, with its heading, which counts them from the second on."""
    folder = lesson.path.parent
    chosen = [cell for cell in step.cells if CHOSEN in cell.metadata.get("tags", [])]
    found = _of_cells(chosen, folder) if chosen else _automatic(step, folder)
    for place, slide in enumerate(found, start=1):
        heading = step.heading if place == 1 else f"{step.heading} ({place})"
        yield replace(slide, heading=pages.inline(heading, folder))


def _of_cells(cells: list[Any], folder: Path) -> Iterator[Slide]:
    """Slides of the cells that a notebook has chosen: each has a text, code or a plot, or both."""
    pair: dict[str, Any] = {}
    for cell in cells:
        if cell.cell_type in pair:
            yield from _of_pair(pair, folder)
            pair = {}
        pair[cell.cell_type] = cell
    yield from _of_pair(pair, folder)


def _of_pair(pair: dict[str, Any], folder: Path) -> Iterator[Slide]:
    text = pair["markdown"].source if "markdown" in pair else ""
    pictures = list(_pictures(list(pair.values()), folder))
    for kind, _, picture in pictures:
        yield _with_picture(kind, text, picture, folder)
    if not pictures:
        yield _with_code(text, _code_of(pair["code"]) if "code" in pair else "", folder)


def _automatic(step: Section, folder: Path) -> Iterator[Slide]:
    """A slide for each picture of a step, and before them one with what the step begins with."""
    pictures = list(_pictures(step.cells, folder))
    source = next((_code_of(cell) for cell in step.cells if cell.cell_type == "code"), "")
    announced = bool(pictures) and pictures[0][1] == step.beginning
    if not announced and not _says_little(step, source):
        yield _with_code(step.beginning, source, folder)
    for kind, text, picture in pictures:
        yield _with_picture(kind, text, picture, folder)


def _says_little(step: Section, source: str) -> bool:
    said = prose.read(" ".join(prose.paragraphs_of(step.text)))
    return len(said) <= _LITTLE and len(excerpt(source).splitlines()) == 1


def _with_picture(kind: str, text: str, picture: Markup, folder: Path) -> Slide:
    shown = pages.markdown(prose.opening(text, _BESIDE), folder)
    return Slide(kind, "", shown, picture=picture)


def _with_code(text: str, source: str, folder: Path) -> Slide:
    """A slide with a text and its list; with code, if there is some and no list."""
    shown = pages.markdown(prose.opening(text, _TEXT), folder)
    if points := _points(prose.listed(text), folder):
        return Slide("list", "", shown, points)
    return Slide("code", "", shown, code=pages.code(excerpt(source)) if source.strip() else None)


def _points(found: list[str], folder: Path) -> tuple[Markup, ...]:
    """The points of a list, each as long as the slide has room for it."""
    longest = _LIST // max(1, len(found))
    return tuple(pages.markdown(prose.opening(one, longest), folder) for one in found)


def _pictures(cells: Sequence[Any], folder: Path) -> Iterator[tuple[str, str, Markup]]:
    """The pictures in cells: the layout of their slides, what they are announced by, and HTML."""
    before, seen = "", 0
    for cell in cells:
        if cell.cell_type == "markdown":
            before = cell.source if prose.paragraphs_of(cell.source) else before
            for image in IMAGE.findall(cell.source):
                yield "drawing", before, pages.image(image, folder)
                seen += 1
        for output in cell.get("outputs", []):
            if png := output.get("data", {}).get(_PLOT):
                alternative = output.metadata.get(_PLOT, {}).get("alt", "")
                # The text between two plots ends with what the second one shows.
                text = prose.paragraphs_of(before)[-1] if seen and before else before
                yield "drawing" if _wide(png) else "plot", text, pages.plot(png, alternative)
                seen += 1


def _wide(png: str) -> bool:
    """Whether a plot, in base64, is better off below its text than beside it."""
    # A PNG says its width and height, of four bytes each, behind its first 16.
    width, height = struct.unpack(">II", base64.b64decode(png[:32])[16:24])
    return bool(width > 2 * height)


def _code_of(cell: Any) -> str:
    """The code of a cell. If it does nothing but show lines of files, these lines."""
    lines = _without_imports(cell.source.splitlines())
    own = "\n".join(line for line in lines if not line.startswith("show_lines("))
    shown = [
        textwrap.dedent(output["data"]["text/plain"])
        for output in cell.get("outputs", [])
        if "text/markdown" in output.get("data", {})
    ]
    return own if own.strip() else "\n\n".join(shown) or cell.source


def excerpt(source: str) -> str:
    """Code that fits on a slide: without its imports, if that leaves any, and cut off then."""
    lines = source.strip().splitlines()
    kept = "\n".join(_without_imports(lines)).strip().splitlines() or lines
    if len(kept) > _LINES:
        kept = [*kept[: _LINES - 1], "# …"]
    return "\n".join(line if len(line) <= _COLUMNS else line[: _COLUMNS - 1] + "…" for line in kept)


def _without_imports(lines: list[str]) -> Iterator[str]:
    """Lines of code but for imports, those in parentheses and their folders included."""
    inside = False
    for line in lines:
        if inside:
            inside = ")" not in line
        elif re.match(r"(from|import) |sys\.path\.", line):
            inside = line.rstrip().endswith("(")
        else:
            yield line
