"""A look into objects that are made to break it: each is a look, and none is larger than a page."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zlib
from pathlib import Path
from typing import BinaryIO

import pytest

from labcloud.aws.s3.objects import Objects
from labcloud.aws.s3.uris import Location
from labcloud.console import pictures
from labcloud.console.looks import Look, look

_LARGEST = 200_000


class Shelf(Objects):
    """A store that holds one object."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, location: Location, version: str | None = None) -> BinaryIO:
        return self._path.open("rb")


@pytest.fixture
def looked(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "object")


def _look(shelf: Shelf, key: str, content: bytes) -> Look:
    shelf._path.write_bytes(content)
    found = look(shelf, Location("bucket", key), len(content))
    rows = [found.header, *found.rows, *([name] for name, _, _ in found.members)]
    assert len(found.text) + sum(len(cell) for row in rows for cell in row) < 10 * _LARGEST
    assert all(len(row) <= 30 for row in rows)
    return found


def test_tables_that_are_none(looked: Shelf) -> None:
    for content, form in (
        (b"\xef\xbb\xbf", "empty"), (b"a,b" * _LARGEST, "text"), (b"x" * _LARGEST, "text"),
        (b"\n" * 5, None), (b",", None), (b'"', None), (b'"' + b"a,b\n" * _LARGEST, None),
    ):  # fmt: skip
        for key in ("k.csv", "k.tsv", "k.json", "k.txt", "k"):
            found = _look(looked, key, content)
            assert form in (None, found.form), (key, content[:9])


def test_a_table_without_end_to_the_right(looked: Shelf) -> None:
    found = _look(looked, "k.csv", b"1," * 60_000 + b"\n" + b"x" * 1000 + b",2\n")
    assert (found.form, found.whole) == ("table", False)
    assert [len(row) for row in found.rows] == [30, 2]
    assert found.said == "Of a row 30 values at most, of a value 500 characters."


def test_json_that_unfolds(looked: Shelf) -> None:
    """As deep as Python reads, and a line of as many spaces for each of its values."""
    bomb = b"[" * 900 + b"1," * 30_000 + b"1" + b"]" * 900
    assert json.loads(bomb)
    found = _look(looked, "k.json", bomb)
    assert (found.form, found.whole) == ("text", False)
    assert found.text.startswith("[\n  [\n")
    for content in (b"[" * 100_000, b'{"a":' * 20_000, b"[" * 60_000 + b"]" * 60_000, b"9" * 5000):
        assert _look(looked, "k.json", content).form == "text"
    # Another text than the object's would be shown.
    for content in (b'{"a":1,"a":2}', b"[1e999]"):
        assert _look(looked, "k.json", content).text == content.decode()
    assert _look(looked, "k.json", b'{"b": [1]}').text == '{\n  "b": [\n    1\n  ]\n}'


def _png(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rest = struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(head) - 4) + head + rest


def _jpeg(width: int, height: int) -> bytes:
    notes = b"\xff\xe1" + struct.pack(">H", 60_000) + bytes(59_998)
    frame = b"\xff\xff\xc2" + struct.pack(">HBHHB", 11, 8, height, width, 1)
    return b"\xff\xd8" + notes * 3 + frame


def _gif(width: int, height: int, rest: bytes = b"") -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + rest


def _frame(width: int, height: int, comment: bytes = b"\x05hello\0") -> bytes:
    """Of a GIF: a table of four colours, a comment, and the head of a frame."""
    head = struct.pack("<HHHH", 0, 0, width, height)
    return b"\x81\0\0" + bytes(12) + b"!\xfe" + comment + b"," + head


def _webp(form: bytes, content: bytes) -> bytes:
    return b"RIFF" + bytes(4) + b"WEBP" + form + bytes(4) + content


_SHOWN = (
    _png(640, 480), _png(7000, 7000), _jpeg(640, 480), _gif(640, 480),
    _gif(640, 480, _frame(640, 480)), _gif(1, 1, b"\0\0\0;"),
    _webp(b"VP8X", bytes(4) + b"\x7f\x02\0\xdf\x01\0"), _webp(b"VP8L", b"\x2f\x7f\x02\x03\0"),
    _webp(b"VP8 ", bytes(6) + struct.pack("<HH", 640, 480)),
)  # fmt: skip
_NOT_SHOWN = (
    # Gigabytes in a browser.
    _png(100_000, 100_000), _jpeg(65_000, 65_000), _gif(65_000, 65_000),
    _webp(b"VP8X", bytes(4) + b"\xff" * 6), _webp(b"VP8L", b"\x2f" + b"\xff" * 4),
    _webp(b"VP8 ", bytes(6) + b"\xff" * 4), _gif(9, 9) + bytes(pictures.LARGEST),
    _gif(1, 1, _frame(65_000, 65_000)), _gif(1, 1, _frame(1, 1, b"\x01x" * 20_000 + b"\0")),
    # Without a size.
    _png(0, 5), _png(9, 9)[:19], b"\x89PNG\r\n\x1a\n" + b"\xff" * 50, _jpeg(9, 9)[:70_000],
    b"\xff\xd8\xff", b"GIF8", _webp(b"VP9 ", bytes(30)),
)  # fmt: skip


def test_a_picture_states_a_size_that_a_browser_can_hold(looked: Shelf) -> None:
    for content in _SHOWN:
        assert _look(looked, "k.png", content).form == "picture", content[:30]
    for content in _NOT_SHOWN:
        assert _look(looked, "k.png", content).form == "binary", content[:30]


def _archive(members: list[tuple[str, int]]) -> bytes:
    """Members that say these sizes, with no content but the headers."""
    headers = b""
    for name, size in members:
        member = tarfile.TarInfo(name)
        member.size = size
        headers += member.tobuf(tarfile.GNU_FORMAT)
    return gzip.compress(headers)


def test_archives_of_strangers(looked: Shelf) -> None:
    names = ["../../etc/passwd", "/etc/passwd", "a/../../b", "<b>"]
    found = _look(looked, "model.tar.gz", _archive([(name, 0) for name in names]))
    assert [name for name, _, _ in found.members] == names
    long = _look(looked, "model.tar.gz", _archive([("x" * 50_000, 0)] * 100))
    assert {len(name) for name, _, _ in long.members} == {500}
    large = _look(looked, "model.tar.gz", _archive([("first", 2**60), ("second", 0)]))
    assert [name for name, _, _ in large.members] == ["first"]
    assert "unpacks to more than 256 MB" in large.said
    many = _look(looked, "model.tar.gz", _archive([("x", 0)] * 1000))
    assert (len(many.members), many.said) == (200, "The first 200 members.")
    assert _look(looked, "model.tar.gz", gzip.compress(bytes(20 * 1024**2))).form
    bomb = io.BytesIO()
    with tarfile.open(fileobj=bomb, mode="w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("deep")
        member.pax_headers = {"comment": "x" * 3 * 1024**2}
        tar.addfile(member)
    assert _look(looked, "model.tar.gz", gzip.compress(bomb.getvalue())).form in (
        "archive",
        "binary",
    )


def test_an_archive_of_headers_only(looked: Shelf) -> None:
    """Each announces the next one: a long name, or attributes, of one more of its kind."""
    for kind in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE):
        member = tarfile.TarInfo("x")
        member.type = kind
        found = _look(looked, "model.tar.gz", gzip.compress(member.tobuf() * 2000))
        assert (found.form, found.members) == ("archive", [])
        assert "too many headers" in found.said


def test_a_sparse_member_takes_more_than_it_states(looked: Shelf) -> None:
    """No byte by its name, and far more than is unpacked in the archive."""
    member = tarfile.TarInfo("sparse")
    member.type, member.size = tarfile.GNUTYPE_SPARSE, 8**11 - 1
    header = member.tobuf(tarfile.GNU_FORMAT)
    found = _look(looked, "model.tar.gz", gzip.compress(header + _archive_bytes("after")))
    assert found.members == [("sparse", 0, "file")]
    assert "unpacks to more than 256 MB" in found.said


def _archive_bytes(name: str) -> bytes:
    return tarfile.TarInfo(name).tobuf() + bytes(1024)
