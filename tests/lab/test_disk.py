"""A full disk and one that is read-only: one sentence says so, and what to do.

The disk is a small tmpfs, which only root can mount.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labcloud_support.needs import unavailable

Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[2]
_CAN_MOUNT = sys.platform == "linux" and os.geteuid() == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 KB."""
    if not _CAN_MOUNT:
        unavailable("only root can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        unavailable("this container may not mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, leaving: int = 0) -> None:
    """Takes all the room of a disk but some (bytes)."""
    room = shutil.disk_usage(disk).free - leaving
    (disk / "fill").write_bytes(b"x" * room)


def make_read_only(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)


# A server needs some 60 KB to begin with; each of these would stop it at another step.
@pytest.mark.parametrize("room", [0, 12 * 1024, 20 * 1024, 36 * 1024])
def test_labcloud_on_a_full_disk(lab: Run, labcloud: Run, disk: Path, room: int) -> None:
    state = str(disk / "state")
    fill(disk, leaving=room)
    ended = labcloud("start", "--port", "0", LABCLOUD_HOME=state)
    assert ended.returncode == 1
    assert ended.stderr == (
        f"labcloud cannot write to {state}: the disk is full. Free some space, or name another "
        "state directory in LABCLOUD_HOME.\n"
    )
    assert lab("status", LABCLOUD_HOME=state).returncode == 3


def test_open_on_a_full_disk(lab: Run, disk: Path) -> None:
    fill(disk)
    ended = lab("open", "--no-browser", LABCLOUD_HOME=str(disk / "state"))
    assert ended.returncode == 1
    assert "the disk is full" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["start", "stop", "status"])
def test_labcloud_on_a_read_only_disk(labcloud: Run, disk: Path, command: str) -> None:
    make_read_only(disk)
    state = disk / "state"
    ended = labcloud(command, LABCLOUD_HOME=str(state))
    if command == "start":
        assert ended.returncode == 1
        assert ended.stderr == (
            f"labcloud cannot write to {state}: Read-only file system. Name another state "
            "directory in LABCLOUD_HOME.\n"
        )
    else:
        assert "labcloud is not running." in ended.stdout


def test_reset_does_not_claim_what_it_cannot_do(labcloud: Run, disk: Path) -> None:
    state = disk / "state"
    labcloud("start", "--port", "0", LABCLOUD_HOME=str(state))
    labcloud("stop", LABCLOUD_HOME=str(state))
    make_read_only(disk)
    ended = labcloud("reset", "--yes", LABCLOUD_HOME=str(state))
    assert ended.returncode == 1
    assert "gone" not in ended.stdout
    assert "Read-only file system" in ended.stderr


def test_reset_of_a_state_directory_that_is_a_disk(labcloud: Run, disk: Path) -> None:
    """As in a container with a volume: all in it goes, itself it cannot."""
    labcloud("start", "--port", "0", LABCLOUD_HOME=str(disk))
    ended = labcloud("reset", "--yes", LABCLOUD_HOME=str(disk))
    assert ended.returncode == 0, ended.stderr
    assert list(disk.iterdir()) == []


@pytest.fixture
def course(disk: Path, environment: dict[str, str]) -> Callable[[], str]:
    """Sets the course up on the small disk, with a real venv, and returns what it complains of."""
    for name in ("lab", "pyproject.toml"):
        shutil.copy(ROOT / name, disk)
    # A copy of the lock would not fit.
    (disk / "requirements").symlink_to(ROOT / "requirements")

    def set_up() -> str:
        plain = environment | {"LAB_NO_SETUP": "", "PATH": "/usr/bin:/bin"}
        ended = subprocess.run(
            [f"{sys.base_prefix}/bin/python3", disk / "lab", "run"],
            env=plain,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 1
        return ended.stderr

    return set_up


def test_set_up_on_a_full_disk(course: Callable[[], str], disk: Path) -> None:
    assert course() == (
        f"The disk is full: the course needs about 2 GB in {disk}. "
        "Free some space and run this again.\n"
    )


def test_set_up_on_a_read_only_disk(course: Callable[[], str], disk: Path) -> None:
    make_read_only(disk)
    assert course() == f"{disk} cannot be written to. Copy the course to a folder that can.\n"
