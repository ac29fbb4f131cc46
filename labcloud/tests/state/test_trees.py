"""Folders that a program has filled: whatever it has left, they are read and deleted with care."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcloud.state import trees

DEEP = 3000


def dig(folder: Path, name: str = "d", depth: int = DEEP) -> None:
    """Folders in folders, whose whole path no system call takes."""
    within = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=within)
        inner = os.open(name, os.O_RDONLY, dir_fd=within)
        os.close(within)
        within = inner
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=within))
    os.close(within)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "kept").write_text("kept")
    return folder


@pytest.fixture
def root(tmp_path: Path, outside: Path) -> Iterator[Path]:
    """A folder with everything in it that a program can leave."""
    root = tmp_path / "root"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "file").write_text("x")
    (root / "link").symlink_to(outside)
    (root / "a" / "link").symlink_to(outside / "kept")
    (root / "a" / "gone").symlink_to("nowhere")
    os.mkfifo(root / "a" / "pipe")
    (root / "closed" / "inner").mkdir(parents=True)
    (root / "closed" / "inner").chmod(0)
    (root / "closed").chmod(0)
    dig(root / "a")
    dig(root, "long" * 60, 50)
    yield root
    # pytest's own clean-up calls itself for each folder in a folder, and enters no closed one.
    for closed in (root / "closed", root / "closed" / "inner"):
        if closed.exists():
            closed.chmod(0o700)
    subprocess.run(["rm", "-rf", str(root)], check=True)


def test_everything_is_removed_and_nothing_else(root: Path, outside: Path) -> None:
    trees.remove(root)
    assert not root.exists()
    assert (outside / "kept").read_text() == "kept"


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    trees.remove(tmp_path / "nothing")


def test_a_link_is_not_followed(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "link").symlink_to(outside)
    with pytest.raises(OSError):
        trees.remove(tmp_path / "link")
    assert (outside / "kept").exists()


def test_below_lists_parents_first_and_follows_no_link(root: Path) -> None:
    found = []
    with pytest.raises(OSError, match="File name too long"):
        found += [path for path in trees.below(root / "a")]
    trees.remove(root / "a" / "d")
    trees.remove(root / ("long" * 60))
    names = [str(path.relative_to(root)) for path in trees.below(root)]
    assert names == [
        "a", "a/b", "a/b/file", "a/gone", "a/link", "a/pipe", "closed", "closed/inner", "link",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["link/kept", "a/link", "a/pipe", "a/gone", "a", "a/b", "nothing", "a/b/file/x"]
)
def test_what_is_no_file_inside_is_not_opened(root: Path, name: str) -> None:
    with pytest.raises(OSError):
        trees.open_file(root, name)


def test_a_file_inside_is_opened(root: Path) -> None:
    with trees.open_file(root, "a/b/file") as file:
        assert file.read() == b"x"


# fmt: off
@pytest.mark.parametrize("name", ["a", "a/b"])
def test_a_folder_inside(root: Path, name: str) -> None:
    assert trees.is_folder(root, name)


@pytest.mark.parametrize("name", ["link", "a/pipe", "a/b/file", "a/b/file/x", "nothing"])
def test_no_folder_inside(root: Path, name: str) -> None:
    assert not trees.is_folder(root, name)
