"""The beginning of a text in Markdown, and its lists: what fits on a slide or a sheet."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^```.*?^```\n?", re.M | re.S)
_ITEM = re.compile(r"^(?:[-*]|\d+\.) (.+(?:\n {2,}\S.*)*)", re.M)
# What begins a paragraph that is none.
_NO_PROSE = re.compile(r"[-*|#>!] ?|\d+\. |\|")
# A full stop, perhaps in bold or in a quotation, and the beginning of something.
_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)[\"”*_)]*\s+(?=[\"“*_`\[(A-Z0-9])")


def opening(text: str, longest: int) -> str:
    """The first sentence of a text, and as many more as fit (in characters that are read)."""
    paragraphs = [one for one in paragraphs_of(text) if one]
    if not paragraphs:
        return ""
    first = paragraphs[0]
    ends = [match.start() + len(match[0].rstrip()) for match in _END.finditer(first)]
    pieces = [first[:end] for end in (*ends, len(first))]
    if first.endswith(":"):
        # A list stands below, or a table, which is left out with what announces it.
        del pieces[-1]
        if points := [_named(item) for item in items(_behind(first, text))]:
            pieces.append(f"{first} {'; '.join(points)}.")
    if not pieces:
        return ""
    fitting = [piece for piece in pieces if len(read(piece)) <= longest and _closed(piece)]
    return fitting[-1] if fitting else shortened(pieces[0], longest)


def _named(item: str) -> str:
    """What a point of a list is about: what stands before its colon, or its first sentence."""
    return re.split(r": |\. |[.;,]$", item)[0]


def _behind(paragraph: str, text: str) -> str:
    """The block that follows a paragraph."""
    blocks = re.split(r"\n\s*\n", text)
    place = next(n for n, block in enumerate(blocks) if " ".join(block.split()) == paragraph)
    return "".join(blocks[place + 1 : place + 2])


def shortened(text: str, longest: int) -> str:
    """A text that is cut off at a word, if it is too long, with its marks of emphasis left out."""
    if len(read(text)) <= longest:
        return text
    plain = read(text)[: longest - 1]
    return plain.rpartition(" ")[0].rstrip(",;:") + " …"


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a text, each on one line: no lists, tables, pictures, headings and code."""
    found = re.split(r"\n\s*\n", _FENCE.sub("", text))
    return [" ".join(one.split()) for one in found if one.strip() and not _is_other(one.lstrip())]


def items(text: str) -> list[str]:
    """The points of the lists in a text, each on one line."""
    return [" ".join(item.split()) for item in _ITEM.findall(_FENCE.sub("", text))]


def table(text: str) -> str:
    """The first table of a text, in Markdown; nothing if it has none."""
    found = re.search(r"(?:^\|.*\n?)+", _FENCE.sub("", text), re.M)
    return found[0] if found else ""


def read(text: str) -> str:
    """What is read of a text: links without their addresses, no marks of emphasis and code."""
    return re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", text))


def _is_other(paragraph: str) -> bool:
    found = _NO_PROSE.match(paragraph)
    return bool(found) and not paragraph.startswith("**")


def _closed(text: str) -> bool:
    """Whether no emphasis, code or parenthesis is open where a text ends."""
    return all(text.count(mark) % 2 == 0 for mark in ("**", "`")) and text.count("(") == text.count(
        ")"
    )
