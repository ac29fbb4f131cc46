"""Archives that are none, or are not to be unpacked: AWS's refusal, and no memory."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from labcloud.functions import code
from labcloud.functions.asked import FunctionError

NOT_A_ZIP = "Could not unzip uploaded file"


def _archive(name: str = "main.py", content: bytes = b"x = 1\n" * 100, method: int = 0) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        # Without the time of now: all processes that run tests must find the same ones.
        file.writestr(zipfile.ZipInfo(name), content, method)
    return made.getvalue()


def _damaged(method: int) -> bytes:
    """The content of its member is not what it was."""
    whole = bytearray(_archive(method=method))
    start = 30 + len("main.py")
    whole[start + 4 : start + 24] = b"\xff" * 20
    return bytes(whole)


def _end(members: int, directory: int) -> bytes:
    return struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, members, members, directory, 0, 0)


def _end_64(members: int, directory: int) -> bytes:
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, members, members, directory, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, 0, 1)
    return record + locator + _end(0xFFFF, 0xFFFFFFFF)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"nothing", id="no archive"),
        pytest.param(_damaged(zipfile.ZIP_DEFLATED), id="damaged, deflated"),
        pytest.param(_damaged(zipfile.ZIP_BZIP2), id="damaged, bzip2"),
        pytest.param(_damaged(zipfile.ZIP_LZMA), id="damaged, lzma"),
        pytest.param(_archive("a" * 300), id="a long name"),
        pytest.param(_archive("a" * 5000), id="a longer name"),
        pytest.param(_end(1, 2**31), id="a large directory"),
        pytest.param(_end_64(300_000, 100), id="many members"),
        pytest.param(_end_64(1, 2**40), id="a larger directory"),
    ],
)
def test_what_is_no_good_archive(tmp_path: Path, content: bytes) -> None:
    none: Any = None
    with pytest.raises(FunctionError, match=NOT_A_ZIP) as refused:
        code.unpacked(tmp_path, none, "us-east-1", {"ZipFile": content})
    assert refused.value.status == 400
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_too_large_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none: Any = None
    content = _archive()
    assert code.unpacked(tmp_path, none, "us-east-1", {"ZipFile": content}).size == len(content)
    monkeypatch.setattr(code, "LARGEST_UNPACKED", len(content) - 1)
    with pytest.raises(FunctionError, match="Unzipped size must be smaller than"):
        code.unpacked(tmp_path, none, "us-east-1", {"ZipFile": content})
