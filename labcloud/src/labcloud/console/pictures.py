"""Pictures: what a browser may be given as one, by the first bytes and the size that they state.

A picture is one of four kinds that hold no program (SVG does). A few kilobytes can state a size
for which a browser needs gigabytes: such a picture is not shown.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

# The largest file that is shown (bytes), and the most that a picture may have (pixels): a browser
# takes four bytes for each.
LARGEST = 10 * 1024**2
MOST_PIXELS = 50_000_000
_PNG, _JPEG, _GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"
# The segments of a JPEG that state its size (SOF), and those that have no length.
# https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
# So many blocks may stand before the first frame of a GIF.
_BLOCKS = 10_000
_ALONE = {0x01, *range(0xD0, 0xD9)}


def kind_of(start: bytes) -> str | None:
    """The content type of a picture that begins so; None for what is no picture."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    marks = {_PNG: "image/png", _JPEG: "image/jpeg", _GIF: "image/gif"}
    return next((kind for mark, kind in marks.items() if start.startswith(mark)), None)


def may_be_shown(content: bytes) -> bool:
    """Whether a file is a whole picture that a browser can show without harm."""
    kind = kind_of(content)
    if kind is None or len(content) > LARGEST:
        return False
    try:
        width, height = _SIZES[kind](content)
    except (struct.error, IndexError, ValueError):
        return False
    return 0 < width * height <= MOST_PIXELS


def _of_png(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR":
        raise ValueError("it does not begin with its size")
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _of_gif(content: bytes) -> tuple[int, int]:
    """https://www.w3.org/Graphics/GIF/spec-gif89a.txt

    Browsers give a picture the size of its first frame, where that is larger than what is stated.
    """
    width, height = struct.unpack_from("<HH", content, 6)
    flags = int.from_bytes(content[10:11])
    # Behind the head, which may have a table of colours.
    place = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    left = _BLOCKS
    while content[place : place + 1] == b"!":
        # An extension: a label, and blocks that state their size, to one of 0.
        place += 2
        while size := content[place]:
            place, left = place + 1 + size, left - 1
            if not left:
                raise ValueError("no frame comes")
        place += 1
    if content[place : place + 1] == b",":
        x, y, frame_width, frame_height = struct.unpack_from("<HHHH", content, place + 1)
        width, height = max(width, x + frame_width), max(height, y + frame_height)
    return width, height


def _of_jpeg(content: bytes) -> tuple[int, int]:
    place = 2
    while content[place] == 0xFF:
        mark = content[place + 1]
        if mark in _FRAMES:
            height, width = struct.unpack_from(">HH", content, place + 5)
            return width, height
        if mark == 0xFF:
            # A byte that fills.
            place += 1
        elif mark in _ALONE:
            place += 2
        else:
            place += 2 + struct.unpack_from(">H", content, place + 2)[0]
    raise ValueError("it states no size")


def _of_webp(content: bytes) -> tuple[int, int]:
    """https://developers.google.com/speed/webp/docs/riff_container"""
    form = content[12:16]
    if form == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return width, height
    if form == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("it states no size")


_SIZES: dict[str, Callable[[bytes], tuple[int, int]]] = {
    "image/png": _of_png, "image/jpeg": _of_jpeg, "image/gif": _of_gif, "image/webp": _of_webp,
}  # fmt: skip
