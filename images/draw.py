"""Draws the course's pictures: `python images/draw.py` writes an SVG beside this file for each.

A picture is boxes on a grid and arrows between them. Every SVG has its own light background, so
that it reads the same on a dark page, and a title for screen readers.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from pictures import PICTURES, Arrow, Box, Frame, Picture

CELL, ROW, BOX, HIGH, EDGE = 190, 120, 150, 74, 24
INK, PAPER = "#1f2933", "#ffffff"
# Fill and border, by whose it is.
KINDS = {
    "you": ("#e8f1fa", "#0072b2"),
    "aws": ("#fdf0e6", "#d55e00"),
    "data": ("#e6f5f0", "#009e73"),
    "plain": ("#f1f3f5", "#616e7c"),
}


def svg(picture: Picture) -> str:
    """The picture's SVG text."""
    placed = {box.text: box for box in picture.boxes}
    width = max(box.column for box in picture.boxes) * CELL + BOX + 2 * EDGE
    height = max(box.row for box in picture.boxes) * ROW + HIGH + 2 * EDGE
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
    parts += [_arrow(arrow, placed[arrow.start], placed[arrow.end]) for arrow in picture.arrows]
    parts += [_box(box) for box in picture.boxes]
    return "\n".join([*parts, "</svg>", ""])


def _box(box: Box) -> str:
    fill, border = KINDS[box.kind]
    x, y = box.column * CELL + EDGE, box.row * ROW + EDGE
    middle = x + BOX / 2
    lines = [
        f'<rect x="{x:g}" y="{y:g}" width="{BOX}" height="{HIGH}" rx="8" fill="{fill}" '
        f'stroke="{border}" stroke-width="2"/>',
        f'<text x="{middle:g}" y="{y + (33 if box.note else 43):g}" text-anchor="middle" '
        f'font-size="16" font-weight="bold" fill="{INK}">{escape(box.text.strip())}</text>',
    ]
    if box.note:
        lines.append(
            f'<text x="{middle:g}" y="{y + 54:g}" text-anchor="middle" font-size="12.5" '
            f'fill="{INK}">{escape(box.note)}</text>'
        )
    return "\n".join(lines)


def _frame(frame: Frame, first: Box, last: Box) -> str:
    """A dashed border, half an edge away from the boxes."""
    x, y = first.column * CELL + EDGE / 2, first.row * ROW + EDGE / 2
    wide = (last.column - first.column) * CELL + BOX + EDGE
    high = (last.row - first.row) * ROW + HIGH + EDGE
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="10" fill="none" '
        f'stroke="{KINDS["plain"][1]}" stroke-width="1.5" stroke-dasharray="6 5"/>\n'
        f'<text x="{x + wide / 2:g}" y="{first.row * ROW + EDGE + (HIGH + ROW) / 2 + 5:g}" '
        f'text-anchor="middle" font-size="14" fill="{INK}">{escape(frame.text)}</text>'
    )


def _arrow(arrow: Arrow, start: Box, end: Box) -> str:
    """A straight line from border to border, with its label above the middle."""
    if start.column == end.column:
        down = 1 if end.row > start.row else -1
        x1 = x2 = start.column * CELL + EDGE + BOX / 2
        y1 = start.row * ROW + EDGE + (HIGH if down > 0 else 0)
        y2 = end.row * ROW + EDGE + (0 if down > 0 else HIGH)
    else:
        right = end.column > start.column
        x1 = start.column * CELL + EDGE + (BOX if right else 0)
        x2 = end.column * CELL + EDGE + (0 if right else BOX)
        y1, y2 = (box.row * ROW + EDGE + HIGH / 2 for box in (start, end))
    line = (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{INK}" '
        'stroke-width="1.8" marker-end="url(#head)"/>'
    )
    if not arrow.label:
        return line
    upright = x1 == x2
    x, y = (x1 + x2) / 2 + (8 if upright else 0), (y1 + y2) / 2 + (4 if upright else -9)
    if not upright and y1 != y2:
        # Beside a sloping line, on the side that it leans away from.
        x, y = x - 14, y + (24 if (y1 < y2) == (x1 < x2) else 0)
    anchor = "start" if upright else "middle"
    return (
        f'{line}\n<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="12.5" '
        f'fill="{INK}">{escape(arrow.label)}</text>'
    )


if __name__ == "__main__":
    for picture in PICTURES:
        Path(__file__).with_name(f"{picture.name}.svg").write_text(svg(picture))
