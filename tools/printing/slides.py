"""The slides of a lab: its title, its goals, its steps with picture or code, its exercises.

One page without programs of others: the browser's own scrolling moves from slide to slide, and
printing gives a page a slide. How much text and code a slide takes is limited here, so that nothing
runs out of it.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from tools.printing import pages, prose
from tools.printing.lesson import IMAGE, LEARN, LEARNED, Lesson, Section

# What a slide takes: characters of text alone, beside a picture, of an exercise, and of a list.
_TEXT, _BESIDE, _EXERCISE, _LIST = 270, 240, 500, 800
# Of code: lines, and characters in a line.
_LINES, _COLUMNS = 10, 100
_PLOT = "image/png"


@dataclass(frozen=True)
class Slide:
    """A slide: a heading, and below it text, a list, code or a picture. `kind` is its layout."""

    kind: str
    heading: str
    text: Markup | None = None
    points: tuple[Markup, ...] = ()
    code: Markup | None = None
    picture: Markup | None = None


def slides(lesson: Lesson) -> str:
    """The page of a lesson."""
    return pages.page("slides", title=lesson.title, slides=list(_slides(lesson)))


def _slides(lesson: Lesson) -> Iterator[Slide]:
    folder = lesson.path.parent

    def shown(text: str) -> Markup:
        return pages.markdown(text, folder)

    def points(heading: str) -> tuple[Markup, ...]:
        found = prose.items(lesson.section(heading).text)
        return tuple(shown(prose.opening(one, _LIST // max(1, len(found)))) for one in found)

    yield Slide(
        "title", lesson.title, shown(lesson.summary), picture=pages.image(lesson.picture, folder)
    )
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
    """A slide for each picture of a step; one with code if it has none."""
    folder = lesson.path.parent
    pictures = list(_pictures(step, lesson))
    for place, (kind, text, picture) in enumerate(pictures):
        heading = step.heading if place == 0 else f"{step.heading} ({place + 1})"
        shown = pages.markdown(prose.opening(text, _BESIDE), folder)
        yield Slide(kind, heading, shown, picture=picture)
    if not pictures:
        text = pages.markdown(prose.opening(step.text, _TEXT), folder)
        source = next((cell.source for cell in step.cells if cell.cell_type == "code"), "")
        yield Slide("code", step.heading, text, code=pages.code(excerpt(source)))


def _pictures(step: Section, lesson: Lesson) -> Iterator[tuple[str, str, Markup]]:
    """The pictures of a step: the layout of their slides, what they are announced by, and HTML."""
    before, seen = "", 0
    for cell in step.cells:
        if cell.cell_type == "markdown":
            before = cell.source if prose.paragraphs_of(cell.source) else before
            for image in IMAGE.findall(cell.source):
                yield "drawing", before, pages.image(image, lesson.path.parent)
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


def excerpt(source: str) -> str:
    """Code that fits on a slide: without its imports, if that leaves any, and cut off then."""
    lines = source.strip().splitlines()
    kept = "\n".join(_without_imports(lines)).strip().splitlines() or lines
    if len(kept) > _LINES:
        kept = [*kept[: _LINES - 1], "# …"]
    return "\n".join(line if len(line) <= _COLUMNS else line[: _COLUMNS - 1] + "…" for line in kept)


def _without_imports(lines: list[str]) -> Iterator[str]:
    """Lines of code but for imports, those in parentheses included."""
    inside = False
    for line in lines:
        if inside:
            inside = ")" not in line
        elif re.match(r"(from|import) ", line):
            inside = line.rstrip().endswith("(")
        else:
            yield line
