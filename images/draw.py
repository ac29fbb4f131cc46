"""Draws the course's pictures: `python images/draw.py` writes an SVG beside this file for each.

A picture is boxes on a grid, arrows between them, and a legend below that says what the colours
and shapes mean. Every SVG has its own light background, so that it reads the same on a dark page,
and a title for screen readers.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from xml.sax.saxutils import escape

from pictures import PICTURES, Arrow, Box, Frame, Picture

CELL, ROW, BOX, HIGH, EDGE = 190, 120, 150, 74, 24
INK, PAPER = "#1f2933", "#ffffff"
# Between two arrows that meet one side of a box.
APART = 26
# Of small text. The second is for what would touch its box or circle, where the font is a wide one.
SMALL, SMALLER = 12.5, 10.5
# From a frame to the one around it, and a line of text in a frame.
NEST, FRAMED = 8, 24
# Of a line of the legend, and of a sample in it.
LINE, SAMPLE = 26, 30
# Fill, border and meaning. Each kind has a shape too, in _shape, for those who see no colours.
KINDS = {
    "you": ("#e8f1fa", "#0072b2", "you and your programs"),
    "aws": ("#fdf0e6", "#d55e00", "AWS runs it: it costs money"),
    "data": ("#e6f5f0", "#009e73", "stored: cents a month at most"),
    "plain": ("#f1f3f5", "#616e7c", "a library or a folder"),
}
STEP = "step of this notebook"

Point = tuple[float, float]


def svg(picture: Picture) -> str:
    """The picture's SVG text."""
    placed = {box.text: box for box in picture.boxes}
    width = max(box.column for box in picture.boxes) * CELL + BOX + 2 * EDGE
    below = max(box.row for box in picture.boxes) * ROW + HIGH + 2 * EDGE
    bottoms = [
        _frame_bottom(each, placed[each.first], placed[each.last]) for each in picture.frames
    ]
    below = max(below, *(bottom + EDGE / 2 for bottom in bottoms), 0)
    legend, lines = _legend(picture, width, below)
    height = below + lines * LINE + EDGE / 2
    ports = _ports(picture, placed)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" '
        'font-family="Helvetica, Arial, sans-serif">',
        f"<title>{escape(picture.title)}</title>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        f'markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="{INK}"/></marker></defs>',
        f'<rect width="{width:g}" height="{height:g}" rx="10" fill="{PAPER}"/>',
    ]
    parts += [_frame(frame, placed[frame.first], placed[frame.last]) for frame in picture.frames]
    parts += [
        _arrow(arrow, *ends, below / 2) for arrow, ends in zip(picture.arrows, ports, strict=True)
    ]
    parts += [_box(box) for box in picture.boxes]
    return "\n".join([*parts, legend, "</svg>", ""])


def _shape(kind: str, x: float, y: float, wide: float, high: float) -> str:
    """What a kind looks like: a round end, cut corners, a cylinder, or a sheet."""
    fill, border, _ = KINDS[kind]
    style = f'fill="{fill}" stroke="{border}" stroke-width="2"'
    right, bottom, cut = x + wide, y + high, min(high / 5, 12)
    if kind == "aws":
        path = (
            f"M{x + cut:g} {y:g}H{right - cut:g}L{right:g} {y + cut:g}V{bottom - cut:g}"
            f"L{right - cut:g} {bottom:g}H{x + cut:g}L{x:g} {bottom - cut:g}V{y + cut:g}z"
        )
    elif kind == "data":
        # Two arcs for the lid, one for the bottom.
        arc, lid = f"{wide / 2:g} {cut / 2:g}", y + cut / 2
        path = (
            f"M{x:g} {lid:g}A{arc} 0 0 1 {right:g} {lid:g}V{bottom - cut / 2:g}"
            f"A{arc} 0 0 1 {x:g} {bottom - cut / 2:g}zA{arc} 0 0 0 {right:g} {lid:g}"
        )
    else:
        size = f'width="{wide:g}" height="{high:g}"'
        curve = min(high / 2, 22) if kind == "you" else 1
        return f'<rect x="{x:g}" y="{y:g}" {size} rx="{curve:g}" {style}/>'
    return f'<path d="{path}" {style}/>'


def _legend(picture: Picture, width: float, y: float) -> tuple[str, int]:
    """What the kinds and the numbers mean, and how many lines that takes."""
    used = [kind for kind in KINDS if any(box.kind == kind for box in picture.boxes)]
    if any(arrow.steps for arrow in picture.arrows):
        used.append("step")
    parts, x, line = [], float(EDGE), 0
    for kind in used:
        meaning = STEP if kind == "step" else KINDS[kind][2]
        wide = SAMPLE + 6 + _long(meaning)
        if x > EDGE and x + wide > width - EDGE:
            x, line = float(EDGE), line + 1
        top = y + line * LINE
        parts += [
            _badge("n", x + SAMPLE / 2, top + 10)
            if kind == "step"
            else _shape(kind, x, top, SAMPLE, 20),
            _text(x + SAMPLE + 6, top + 14.5, meaning),
        ]
        x += wide + 16
    return "\n".join(parts), line + 1


def _long(text: str) -> float:
    """About how long a small text is (pixels)."""
    return len(text) * 7


def _text(
    x: float, y: float, text: str, colour: str = INK, style: str = "", size: float = SMALL
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}"{style}>'
        f"{escape(text)}</text>"
    )


def _badge(text: str, x: float, y: float) -> str:
    """The number of a step, in a dark circle."""
    style = ' text-anchor="middle" font-weight="bold"'
    return f'<circle cx="{x:g}" cy="{y:g}" r="9" fill="{INK}"/>\n' + _text(
        x, y + 4.4, text, PAPER, style, SMALLER if len(text) > 1 else SMALL
    )


def _ports(picture: Picture, placed: dict[str, Box]) -> list[tuple[Point, Point]]:
    """Where each arrow starts and ends. Those that meet one side of a box share it."""
    met = defaultdict(list)
    for number, arrow in enumerate(picture.arrows):
        start, end = placed[arrow.start], placed[arrow.end]
        if start.column != end.column:
            right = end.column > start.column
            met[arrow.start, right].append((end.row, number, 0))
            met[arrow.end, not right].append((start.row, number, 1))
    moved = {}
    for several in met.values():
        for place, (_, number, which) in enumerate(sorted(several)):
            moved[number, which] = (place - (len(several) - 1) / 2) * APART
    ends = []
    for number, arrow in enumerate(picture.arrows):
        start, end = placed[arrow.start], placed[arrow.end]
        (x1, y1), (x2, y2) = (
            (box.column * CELL + EDGE, box.row * ROW + EDGE) for box in (start, end)
        )
        if start.column == end.column:
            down = end.row > start.row
            ends.append(((x1 + BOX / 2, y1 + HIGH * down), (x2 + BOX / 2, y2 + HIGH * (not down))))
        else:
            right = end.column > start.column
            ends.append(
                (
                    (x1 + BOX * right, y1 + HIGH / 2 + moved[number, 0]),
                    (x2 + BOX * (not right), y2 + HIGH / 2 + moved[number, 1]),
                )
            )
    return ends


def _box(box: Box) -> str:
    x, y = box.column * CELL + EDGE, box.row * ROW + EDGE
    middle = x + BOX / 2
    lines = [
        _shape(box.kind, x, y, BOX, HIGH),
        f'<text x="{middle:g}" y="{y + (35 if box.note else 43):g}" text-anchor="middle" '
        f'font-size="16" font-weight="bold" fill="{INK}">{escape(box.text.strip())}</text>',
    ]
    if box.note:
        size = SMALLER if _long(box.note) > BOX - 12 else SMALL
        lines.append(
            f'<text x="{middle:g}" y="{y + 55:g}" text-anchor="middle" font-size="{size:g}" '
            f'fill="{INK}">{escape(box.note)}</text>'
        )
    return "\n".join(lines)


def _frame(frame: Frame, first: Box, last: Box) -> str:
    """A border: a dashed one, half an edge away from the boxes, or the one around that."""
    outer = frame.kind != "plain"
    away = EDGE / 2 + NEST * outer
    x, y = first.column * CELL + EDGE - away, first.row * ROW + EDGE - away
    wide = (last.column - first.column) * CELL + BOX + 2 * away
    bottom = _frame_bottom(frame, first, last)
    # Below the boxes of a single row, and between the rows of several.
    text = bottom - 8 if first.row == last.row else first.row * ROW + EDGE + (HIGH + ROW) / 2 + 5
    dashes = "" if outer else ' stroke-dasharray="6 5"'
    weight = ' font-weight="bold"' if outer else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{bottom - y:g}" rx="10" fill="none" '
        f'stroke="{KINDS[frame.kind][1]}" stroke-width="{2 if outer else 1.5}"{dashes}/>\n'
        f'<text x="{x + wide / 2:g}" y="{text:g}" text-anchor="middle" font-size="14"{weight} '
        f'fill="{INK}">{escape(frame.text)}</text>'
    )


def _frame_bottom(frame: Frame, first: Box, last: Box) -> float:
    """Where a frame ends: of a single row, below its text."""
    texts = 0 if first.row != last.row else 1 if frame.kind == "plain" else 2
    return last.row * ROW + EDGE + HIGH + EDGE / 2 + texts * FRAMED


def _arrow(arrow: Arrow, start: Point, end: Point, middle: float) -> str:
    """A straight line, with the numbers of its steps and its label beside its middle."""
    (x1, y1), (x2, y2) = start, end
    line = (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{INK}" '
        'stroke-width="1.8" marker-end="url(#head)"/>'
    )
    if not arrow.label:
        return line
    numbers = 21 * len(arrow.steps)
    long = numbers + _long(arrow.label)
    if x1 == x2:
        x, y = x1 + 8, (y1 + y2) / 2 + 4
    else:
        # So far from a sloping line that it does not touch it, on the picture's outer side.
        x, y = (x1 + x2 - long) / 2, (y1 + y2) / 2
        away = abs((y2 - y1) / (x2 - x1)) * long / 2
        y += away + 17 if y1 != y2 and y > middle else -away - 8
    badges = [
        _badge(str(step), x + 9 + 21 * place, y - 4.4) for place, step in enumerate(arrow.steps)
    ]
    return "\n".join([line, *badges, _text(x + numbers, y, arrow.label)])


if __name__ == "__main__":
    for picture in PICTURES:
        Path(__file__).with_name(f"{picture.name}.svg").write_text(svg(picture))
