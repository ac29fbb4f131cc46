"""Which folders labcloud takes, and which it deletes: those that are its own, and no others."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from labcloud.state.home import Home, HomeForeign
from labcloud_support.command import labcloud


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Somebody's project, with names that labcloud uses, too."""
    folder = tmp_path / "project"
    (folder / "jobs").mkdir(parents=True)
    (folder / "jobs" / "mine.txt").write_text("mine")
    (folder / "format.json").write_text('{"format": 2}')
    (folder / "credentials.json").write_text('{"access_key": "AKIA"}')
    folder.chmod(0o755)
    return folder


def found(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    "words", [("start",), ("start", "--foreground"), ("reset", "--yes"), ("reset",)]
)
def test_a_folder_of_somebody_else_is_left_as_it_is(foreign: Path, words: tuple[str, ...]) -> None:
    before = found(foreign)
    done = labcloud(foreign, *words)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{foreign} holds files that are not labcloud's")
    assert done.stderr.count("\n") == 1
    assert found(foreign) == before
    assert stat.S_IMODE(foreign.stat().st_mode) == 0o755


@pytest.mark.parametrize("words", [("start",), ("reset", "--yes"), ("status",)])
def test_a_file_is_no_folder(tmp_path: Path, words: tuple[str, ...]) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    done = labcloud(path, *words)
    assert done.returncode == (3 if words == ("status",) else 1)
    assert f"{path} is a file, and labcloud leaves it alone." in done.stdout + done.stderr
    assert path.read_text() == "mine"


def test_status_says_that_it_could_not_be_started(foreign: Path) -> None:
    done = labcloud(foreign, "status")
    assert done.returncode == 3
    assert f"It could not be started: {foreign} holds files" in done.stdout


@pytest.mark.parametrize("made", [False, True])
def test_where_there_is_nothing_reset_says_so(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "home"
    if made:
        folder.mkdir()
    done = labcloud(folder, "reset", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"There is nothing to delete in {folder}.\n"
    assert folder.exists() == made


def test_its_own_folder_is_deleted_even_after_a_start_that_failed(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    assert labcloud(folder, "start", "--host", "203.0.113.7").returncode == 1
    assert not (folder / "format.json").exists()
    done = labcloud(folder, "reset", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("format.json", {"format": 2, "labcloud": "0.1.0", "moto": "5.1"}),
        ("credentials.json", {"access_key": "LABCABC", "secret_key": "x"}),
    ],
)
def test_a_directory_of_an_older_labcloud_is_its_own(
    tmp_path: Path, name: str, content: dict[str, object]
) -> None:
    (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "port.json").write_text("8462")
    Home(tmp_path).check_ours()


def test_a_new_file_system_and_a_temporary_folder_are_as_good_as_empty(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "claim").touch()
    Home(tmp_path).create()
    (tmp_path / "other").mkdir()
    (tmp_path / "labcloud-state.txt").unlink()
    with pytest.raises(HomeForeign):
        Home(tmp_path).create()
