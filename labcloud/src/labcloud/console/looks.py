"""A look into an object: rows of CSV, JSON, text, a picture, or what is in an archive.

What is in an object was made by others, and is shown as text: no more of it than a page can hold,
whatever a small file unfolds to.
"""

from __future__ import annotations

import csv
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from labcloud.aws.s3.objects import Objects
from labcloud.aws.s3.uris import Location
from labcloud.console import pictures
from labcloud.containers.tar_stream import HeadersTooLarge, opened
from labcloud.json_text import finite
from labcloud.text import of_error

# What is read of an object to be shown (bytes), and what of it is shown.
_READ = 128 * 1024
_ROWS, _COLUMNS, _LINES = 50, 30, 200
_MEMBERS = 200
# What is unpacked to list an archive (bytes), at most.
_UNPACKED = 256 * 1024**2
# The longest text of a cell or of a member's name (characters).
_CELL = 500


@dataclass(frozen=True)
class Look:
    """What is shown of an object; `form` says which of the others is filled."""

    form: str
    whole: bool = True
    text: str = ""
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    members: list[tuple[str, int, str]] = field(default_factory=list)
    said: str = ""


def look(objects: Objects, location: Location, size: int) -> Look:
    """Blocking. Raises ObjectStoreError."""
    with objects.open(location) as file:
        start = file.read(_READ)
        path = Path(str(getattr(file, "name", "")))
    whole = size <= len(start)
    if not start:
        return Look("empty")
    if pictures.kind_of(start):
        return Look("picture" if picture_of(objects, location) else "binary")
    if start.startswith(b"\x1f\x8b"):
        return _archive(path)
    if b"\0" in start:
        return Look("binary")
    text = _decoded(start, whole=whole)
    if text is None:
        return Look("binary")
    if not text:
        # A mark of Unicode's, and nothing after it.
        return Look("empty")
    name = location.key.lower()
    if whole and name.endswith((".json", ".ipynb")) and (found := _indented(text)):
        return found
    if name.endswith((".csv", ".tsv")) or _is_table(text):
        found = _table(text, "\t" if name.endswith(".tsv") else ",", whole=whole)
        if found:
            return found
    lines = text.splitlines()
    return Look("text", whole and len(lines) <= _LINES, "\n".join(lines[:_LINES]))


def _indented(text: str) -> Look | None:
    """JSON with a line for each value; None for what is none.

    A list in many lists is short, and would have a line of many spaces for each value. What would
    get lost is none: a name that is there twice, a number without end.
    """
    parts: list[str] = []
    room = _READ
    try:
        value = json.loads(text, parse_float=finite, object_pairs_hook=_once)
        for part in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value):
            parts.append(part)
            room -= len(part)
            if room < 0:
                return Look("text", whole=False, text="".join(parts)[:_READ])
    except (ValueError, RecursionError):
        return None
    return Look("text", text="".join(parts))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises ValueError where a name is there twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def picture_of(objects: Objects, location: Location) -> tuple[bytes, str] | None:
    """A picture's content and type, where it may be shown. Blocking. Raises ObjectStoreError."""
    with objects.open(location) as file:
        content = file.read(pictures.LARGEST + 1)
    kind = pictures.kind_of(content)
    return (content, kind) if kind and pictures.may_be_shown(content) else None


def _decoded(start: bytes, *, whole: bool) -> str | None:
    """Text in UTF-8, whose last character may have been cut; None for anything else."""
    for cut in range(1 if whole else 4):
        try:
            return start[: len(start) - cut].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
    return None


def _is_table(text: str) -> bool:
    """Whether the first lines have commas, and all the same number of them."""
    counts = {line.count(",") for line in text.splitlines()[:5]}
    return len(counts) == 1 and counts.pop() > 0 and text.lstrip()[:1] not in ("{", "[")


def _table(text: str, delimiter: str, *, whole: bool) -> Look | None:
    """The first rows; None where there is no whole row, or where they cannot be read."""
    lines = text.splitlines()
    # The last one may have been cut.
    kept = lines if whole else lines[:-1]
    try:
        read = list(islice(csv.reader(kept, delimiter=delimiter), _ROWS + 1))
    except csv.Error:
        return None
    if not read:
        return None
    rows = [[cell[:_CELL] for cell in row[:_COLUMNS]] for row in read]
    cut = any(len(row) > _COLUMNS or any(len(cell) > _CELL for cell in row) for row in read)
    header = [] if any(_is_number(each) for each in rows[0]) else rows.pop(0)
    said = "" if whole and len(read) <= _ROWS else f"The first {min(len(rows), _ROWS)} rows."
    if cut:
        said += f" Of a row {_COLUMNS} values at most, of a value {_CELL} characters."
    return Look("table", not said, header=header, rows=rows[:_ROWS], said=said.strip())


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _archive(path: Path) -> Look:
    """The members of a .tar.gz, without unpacking them to anywhere."""
    found: list[tuple[str, int, str]] = []
    said = ""
    try:
        for member in _members(path):
            found.append(member)
            if len(found) == _MEMBERS:
                said = f"The first {_MEMBERS} members."
                break
    except (HeadersTooLarge, _TooMuch) as error:
        said = f"The rest is not listed: {error}"
    except RecursionError:
        # Each of the headers before a member may have headers before itself.
        said = "The rest is not listed: it has too many headers."
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
        if not found:
            return Look("binary")
        said = f"It breaks off here: {of_error(error)}"
    return Look("archive", members=found, said=said)


class _TooMuch(Exception):
    """An archive that unpacks to more than is worth a list."""


def _members(path: Path) -> Iterator[tuple[str, int, str]]:
    kinds = {tarfile.DIRTYPE: "folder", tarfile.SYMTYPE: "link", tarfile.LNKTYPE: "link"}
    with opened(path) as stream, tarfile.open(fileobj=stream, mode="r:") as tar:  # type: ignore[call-overload]
        for member in tar:
            with stream.content():
                # The next one's headers are counted from here.
                pass
            yield member.name[:_CELL], member.size, kinds.get(member.type, "file")
            # Where the next one begins: a sparse file states another size than it takes here.
            if tar.offset > _UNPACKED:
                raise _TooMuch(f"it unpacks to more than {_UNPACKED // 1024**2} MB")
