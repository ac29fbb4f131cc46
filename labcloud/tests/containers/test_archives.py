"""Archives that want out, are too large, or are none."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from labcloud.containers.archives import BadArchive, pack, unpack


def test_what_is_packed_comes_out_again(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    assert not pack(tmp_path, "model", tmp_path / "empty.tar.gz")
    (folder / "code").mkdir()
    (folder / "code" / "inference.py").write_text("x")
    (folder / "model").write_bytes(b"\0\1")
    (folder / "code" / "link").symlink_to("../model")
    assert pack(tmp_path, "model", tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path / "out")
    assert (tmp_path / "out" / "model").read_bytes() == b"\0\1"
    assert (tmp_path / "out" / "code" / "inference.py").read_text() == "x"
    assert (tmp_path / "out" / "code" / "link").read_bytes() == b"\0\1"


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


@pytest.mark.parametrize(
    "bad",
    [
        member("../escaped"),
        member("/tmp/escaped"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("link", tarfile.SYMTYPE, "../../up"),
        member("hard", tarfile.LNKTYPE, "../../up"),
        member("device", tarfile.CHRTYPE),
        member("disk", tarfile.BLKTYPE),
        member("n" * 300),
        member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda info: f"{info.name[:20]}-{info.type!r}",
)
def test_an_archive_that_reaches_out_is_refused(tmp_path: Path, bad: tarfile.TarInfo) -> None:
    archive = tmp_path / "bad.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(bad)
    with pytest.raises(BadArchive):
        unpack(archive, tmp_path / "out")
    assert set(os.listdir(tmp_path)) <= {"bad.tar.gz", "out"}


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(member("zeros", size=50_000_000), io.BytesIO(bytes(50_000_000)))
    assert archive.stat().st_size < 200_000
    with pytest.raises(BadArchive, match="more than 1000000 bytes"):
        unpack(archive, tmp_path / "out", limit=1_000_000)
    assert not (tmp_path / "out" / "zeros").exists()


def test_a_claim_is_enough(tmp_path: Path) -> None:
    """Its second member says that it has 30 GB; nobody waits to see them."""
    archive = tmp_path / "claim.tar"
    with tarfile.open(archive, "w") as tar:
        tar.addfile(member("first", size=3), io.BytesIO(b"one"))
    header = member("second", size=30 * 1024**3).tobuf(tarfile.GNU_FORMAT)
    archive.write_bytes(archive.read_bytes()[:1024] + header)
    with pytest.raises(BadArchive, match="more than 21474836480 bytes"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out" / "second").exists()


def pax(name: str, size: int) -> bytes:
    """A member whose attributes have this size (bytes), as a header alone."""
    info = member(name)
    info.pax_headers = {"comment": "x" * size}
    return info.tobuf(tarfile.PAX_FORMAT)


def gnu_name(size: int) -> bytes:
    return member("n" * size).tobuf(tarfile.GNU_FORMAT)


def sparse_map(blocks: int) -> bytes:
    """An old GNU sparse file whose map goes on for many blocks."""
    header = bytearray(member("sparse", tarfile.GNUTYPE_SPARSE).tobuf(tarfile.GNU_FORMAT))
    header[482] = 1
    header[483:495] = b"00000000000\0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    entry = b"00000000001\0" * 2
    more = (entry * 21).ljust(504, b"\0") + b"\1" + bytes(7)
    return bytes(header) + more * blocks


@pytest.mark.parametrize(
    "header",
    [pax("a", 16_000_000), gnu_name(16_000_000), sparse_map(32_000)],
    ids=["pax", "name", "map"],
)
@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_headers_are_bounded(
    tmp_path: Path, header: bytes, compress: Callable[[bytes], bytes]
) -> None:
    """tarfile reads a header whole, however long it is."""
    archive = tmp_path / "headers.tar"
    archive.write_bytes(compress(header + bytes(1024)))
    tracemalloc.start()
    try:
        with pytest.raises(BadArchive, match="headers of more than 1048576 bytes"):
            unpack(archive, tmp_path / "out")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 14_000_000


@pytest.mark.parametrize(
    "kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE], ids=["L", "x", "g"]
)
def test_headers_of_headers_are_bounded(tmp_path: Path, kind: bytes) -> None:
    """Each announces one more, and none of them has any content."""
    member = tarfile.TarInfo("x")
    member.type = kind
    (tmp_path / "k.tar.gz").write_bytes(gzip.compress(member.tobuf() * 2000))
    with pytest.raises(BadArchive, match="too many headers"):
        unpack(tmp_path / "k.tar.gz", tmp_path / "out")


def test_names_and_attributes_of_people_are_not(tmp_path: Path) -> None:
    archive = tmp_path / "long.tar.gz"
    name = "/".join(["folder" * 20] * 5 + ["file"])
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for number in range(200):
            info = member(f"{name}{number}", size=20_000)
            info.pax_headers = {"comment": "ü" * 10_000}
            tar.addfile(info, io.BytesIO(b"y" * 20_000))
    unpack(archive, tmp_path / "out")
    assert (tmp_path / "out" / f"{name}199").read_bytes() == b"y" * 20_000


def test_a_hole_stays_a_hole(tmp_path: Path) -> None:
    source, size = tmp_path / "in", 3 * 1024**3
    source.mkdir()
    with (source / "sparse").open("wb") as file:
        file.write(b"begin")
        file.seek(size - 3)
        file.write(b"end")
    archive = tmp_path / "sparse.tar.gz"
    subprocess.run(["tar", "-Sczf", archive, "-C", source, "sparse"], check=True)
    unpack(archive, tmp_path / "out")
    found = (tmp_path / "out" / "sparse").stat()
    assert (found.st_size, found.st_blocks < 1000) == (size, True)
    with (tmp_path / "out" / "sparse").open("rb") as file:
        assert file.read(6) == b"begin\0"
        file.seek(size - 4)
        assert file.read() == b"\0end"


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\x1f\x8b\x08broken"])
def test_a_broken_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.tar.gz").write_bytes(content)
    with pytest.raises(BadArchive):
        unpack(tmp_path / "broken.tar.gz", tmp_path / "out")


def chain(*members: tarfile.TarInfo) -> list[tarfile.TarInfo]:
    return list(members)


@pytest.mark.parametrize(
    "members",
    [
        # Read as text, the second link stays inside; followed through the first, it does not.
        chain(
            member("a/b/up", tarfile.SYMTYPE, "../.."),
            member("out", tarfile.SYMTYPE, "a/b/up/../x"),
        ),
        chain(member("d", tarfile.SYMTYPE, "."), member("d/x")),
        chain(member("d", tarfile.SYMTYPE, "e"), member("d", tarfile.DIRTYPE)),
        chain(member("hard", tarfile.LNKTYPE, "nothing")),
        chain(member("a/../b")),
        chain(member("minus", size=-1)),
    ],
    ids=lambda members: members[-1].name,
)
def test_chains_of_links_lead_nowhere(tmp_path: Path, members: list[tarfile.TarInfo]) -> None:
    archive = tmp_path / "bad.tar.gz"
    with tarfile.open(archive, "w:gz", format=tarfile.GNU_FORMAT) as tar:
        for each in members:
            tar.addfile(each)
    with pytest.raises(BadArchive):
        unpack(archive, tmp_path / "out")


@pytest.mark.parametrize("names", [("x", "x/y"), ("x/y", "x")])
def test_names_that_no_disk_takes_are_refused_by_name(tmp_path: Path, names: list[str]) -> None:
    archive = tmp_path / "bad.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in names:
            tar.addfile(member(name))
    with pytest.raises(BadArchive, match=f"its member '{names[-1]}' cannot be") as caught:
        unpack(archive, tmp_path / "out")
    assert str(tmp_path) not in str(caught.value)


def test_links_inside_and_a_name_that_comes_twice(tmp_path: Path) -> None:
    archive = tmp_path / "good.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(member("./", tarfile.DIRTYPE))
        tar.addfile(member("a/file", size=3), io.BytesIO(b"one"))
        tar.addfile(member("a/file", size=3), io.BytesIO(b"two"))
        tar.addfile(member("hard", tarfile.LNKTYPE, "a/file"))
        tar.addfile(member("soft", tarfile.SYMTYPE, "a/file"))
        tar.addfile(member("soft", size=5), io.BytesIO(b"three"))
    unpack(archive, tmp_path / "out")
    assert (tmp_path / "out" / "hard").read_bytes() == b"two"
    assert (tmp_path / "out" / "a" / "file").read_bytes() == b"two"
    assert (tmp_path / "out" / "soft").read_bytes() == b"three"
