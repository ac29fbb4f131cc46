"""`./lab room`: what learners' notes say, and what they cannot do to the instructor's terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.room.course import Notebook, notebooks
from tools.room.notes import Learner, learners
from tools.room.table import Style, ago, table

ROOT = Path(__file__).parents[2]
NOW = 1_800_000_000
FIRST = Notebook("01-first", (1, 2, 3), {"cell-05": "Step 5", "cell-43": "Exercise 1"})
SECOND = Notebook("02a-second", (1, 2), {"cell-02": "Step 1"})
COURSE = [FIRST, SECOND]


def note(**changed: Any) -> dict[str, Any]:
    """As labhelpers.progress writes it."""
    written = {"at": "cell-05", "failed": 0, "exercises": {}, "endpoints": [], "time": NOW - 120}
    return written | changed


def tries(count: int, solved: bool = False) -> dict[str, Any]:
    return {"tries": count, "solved": solved}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a learner's note, or whatever they write in its place."""

    def write(learner: str, content: Any, notebook: Notebook = FIRST) -> Path:
        path = tmp_path / learner / f"{notebook.name}.json"
        path.parent.mkdir(exist_ok=True)
        text = content if isinstance(content, (str, bytes)) else json.dumps(content)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def read(room: Path) -> list[Learner]:
    return learners(room, COURSE, NOW)


def lines(room: Path, **style: Any) -> list[str]:
    return list(table(read(room), COURSE, NOW, Style(**style)))


def test_a_line_says_who_is_where_and_what_is_solved(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    write("anna", note(exercises={"1": tries(2, True), "2": tries(2)}, at="cell-43"))
    write("bert", note(time=NOW - 7200, exercises={"1": tries(1, True)}))
    write(
        "bert", note(at="cell-02", endpoints=["labs-bert-01-2026", "labs-bert-01-2", "x"]), SECOND
    )
    (tmp_path / "cleo").mkdir()
    said = lines(tmp_path)
    assert said[:4] == [
        "  learner          now at                ran  01   02a  endpoints",
        "  anna             01 Exercise 1       2 min  ✓2·  ··",
        "  bert             02a Step 1          2 min  ✓··  ··   01 (2), other",
        "  cleo                                        ···  ··",
    ]
    assert said[-1] == "Tried and not solved, by how many: 01 exercise 2 (1)"


def test_three_tries_in_a_row_that_failed_are_marked(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    write("anna", note(failed=3, exercises={"1": tries(5)}))
    write("bert", note(failed=2, exercises={"1": tries(2)}))
    # What counts is the notebook that they work on now.
    write("cleo", note(failed=9, time=NOW - 500))
    write("cleo", note(), SECOND)
    said = lines(tmp_path, colours=True)
    assert said[1].startswith("\033[1m! anna ")
    assert [line[:2] for line in said[2:4]] == ["  ", "  "]
    assert "! The last 3 tries have failed: anna" in said
    assert "Tried and not solved, by how many: 01 exercise 1 (2)" in said


def test_a_narrow_window_has_the_last_notebooks(tmp_path: Path, write: Callable[..., Path]) -> None:
    write("anna", note())
    write("anna", note(), SECOND)
    said = lines(tmp_path, width=60)
    assert "02a" in said[0] and "01" not in said[0]
    assert "The window is too narrow for 01." in said
    assert max(map(len, said)) <= 60


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-50, "now"), (59, "now"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (48 * 3600, "2 d")],
)
def test_ago(seconds: float, said: str) -> None:
    assert ago(seconds) == said


def test_an_empty_room(tmp_path: Path) -> None:
    assert lines(tmp_path) == ["Nobody has a folder here yet."]


ESCAPE = "\x1b]0;owned\x07\x1b[2J"
BAD: list[Any] = [
    "",
    "no JSON",
    b"\xff\xfe",
    "[" * 60_000,
    "9" * 5_000,
    "[]",
    "null",
    "{}",
    note(time="soon"),
    note(time=NOW + 3600),
    note(time=-1),
    note(time=1e308),
    note(failed=True),
    note(failed=10**30),
    note(at=5),
    note(exercises=[]),
    note(exercises={"one": tries(1)}),
    note(exercises={"1": tries(-1)}),
    note(exercises={"1": {"tries": "\x1b[2J", "solved": True}}),
    note(exercises={str(n): tries(1) for n in range(101)}),
    note(endpoints=[ESCAPE]),
    note(endpoints=["labs-anna-01\x1b[2J"]),
    note(endpoints=["a" * 64]),
    note(endpoints=["x\n"]),
    note(endpoints=5),
    note(endpoints=["a"] * 101),
    json.dumps(note(endpoints=["a"])).replace('"a"', "NaN"),
    json.dumps(note()) + " " * 70_000,
]


@pytest.mark.parametrize("content", BAD, ids=lambda content: repr(content)[:40])
def test_what_is_no_note_counts_as_unreadable(
    tmp_path: Path, write: Callable[..., Path], content: Any
) -> None:
    write("anna", content)
    (learner,) = read(tmp_path)
    assert (learner.notes, learner.unreadable) == ([], True)
    said = lines(tmp_path)
    assert said[1].startswith("? anna")
    assert said[-1] == "? A note cannot be read: anna"


def test_a_cell_of_their_own_is_nowhere(tmp_path: Path, write: Callable[..., Path]) -> None:
    write("anna", note(at=ESCAPE))
    assert lines(tmp_path)[1].split() == ["anna", "01", "2", "min", "···"]


def test_no_line_holds_what_a_terminal_would_obey(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    write(f"an{ESCAPE}na", note(failed=3))
    write("very-long-name-that-breaks-every-table", note())
    (tmp_path / "bert\n\x9b2J").mkdir()
    for line in lines(tmp_path):
        assert re.fullmatch(r"[ -~✓·]*", line), line
        assert len(line) <= 100


def elsewhere(room: Path) -> Path:
    """A note that is not in the learner's folder."""
    other = room.parent / "somebody-elses.json"
    other.write_text(json.dumps(note(exercises={"1": tries(1, True)})))
    return other


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    room = tmp_path / "room"
    (room / "anna").mkdir(parents=True)
    (room / "anna" / "01-first.json").symlink_to(elsewhere(room))
    (room / "bert").symlink_to(room / "anna")
    (anna,) = read(room)
    assert (anna.name, anna.notes, anna.unreadable) == ("anna", [], True)


def test_a_second_name_of_a_file_is_not_read(tmp_path: Path) -> None:
    room = tmp_path / "room"
    (room / "anna").mkdir(parents=True)
    os.link(elsewhere(room), room / "anna" / "01-first.json")
    assert read(room)[0].unreadable


def test_a_pipe_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "anna").mkdir()
    os.mkfifo(tmp_path / "anna" / "01-first.json")
    assert read(tmp_path)[0].unreadable


def test_a_folder_in_place_of_a_note(tmp_path: Path) -> None:
    (tmp_path / "anna" / "01-first.json").mkdir(parents=True)
    assert read(tmp_path)[0].unreadable


def test_a_file_in_place_of_a_folder_is_nobody(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("hello")
    (tmp_path / ".hidden").mkdir()
    assert read(tmp_path) == []


def test_a_large_file_is_not_read_to_its_end(
    tmp_path: Path, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("anna", note())
    # A hundred gigabytes that take no room.
    os.truncate(path, 100 * 2**30)
    sizes: list[int] = []
    found = os.read

    def counted(handle: int, size: int) -> bytes:
        content = found(handle, size)
        sizes.append(len(content))
        return content

    monkeypatch.setattr(os, "read", counted)
    assert read(tmp_path)[0].unreadable
    assert 0 < sum(sizes) < 2**20


def test_somebody_else_s_file_is_not_read(
    tmp_path: Path, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the folder belonged to another user than the file in it."""
    write("anna", note())
    found = os.fstat

    def other_owner(handle: int) -> os.stat_result:
        result = list(found(handle))
        result[4] += stat.S_ISDIR(int(result[0]))
        return os.stat_result(result)

    monkeypatch.setattr(os, "fstat", other_owner)
    assert read(tmp_path)[0].unreadable


def test_the_course_is_discovered() -> None:
    found = notebooks(ROOT / "labs")
    assert [one.name for one in found] == sorted(
        path.stem for path in (ROOT / "labs").glob("*/*.ipynb")
    )
    for one in found:
        assert one.exercises
        places = set(one.places.values())
        assert {"Step 1", "Clean up", *(f"Exercise {n}" for n in one.exercises)} <= places


def lab_room(*words: str) -> list[str]:
    return [sys.executable, str(ROOT / "lab"), "room", *words]


def environment() -> dict[str, str]:
    return os.environ | {"LAB_NO_SETUP": "1", "PYTHONPATH": str(ROOT)}


def test_the_command_reads_a_folder_from_where_one_is(
    tmp_path: Path, write: Callable[..., Path]
) -> None:
    name = notebooks(ROOT / "labs")[0]
    write("anna", note(time=int(time.time())), name)
    said = subprocess.run(
        lab_room(tmp_path.name), cwd=tmp_path.parent, env=environment(),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert re.search(rf"^  anna +{name.number} .* now  ·+$", said.stdout, re.M)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    said = subprocess.run(
        lab_room(str(tmp_path / "none")), env=environment(),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert said.returncode == 1
    assert said.stderr.startswith(f"{tmp_path}/none cannot be read (No such file or directory).")


@pytest.mark.slow
def test_watch_shows_what_changes_until_ctrl_c(tmp_path: Path, write: Callable[..., Path]) -> None:
    """In a terminal, which it clears before each table."""
    name = notebooks(ROOT / "labs")[0]
    write("anna", note(time=int(time.time())), name)
    terminal, other = pty.openpty()
    process = subprocess.Popen(
        lab_room(str(tmp_path), "--watch"),
        env=environment(), stdin=other, stdout=other, stderr=other, start_new_session=True,
    )  # fmt: skip
    os.close(other)
    try:
        assert "anna" in _until("not tried", terminal)
        write("bert", note(time=int(time.time()), failed=3), name)
        again = _until("have failed: bert", terminal)
        assert "\033[H\033[2J" in again
        # As a terminal does it: to all processes.
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def _until(sign: str, terminal: int) -> str:
    """What a terminal shows until a sign is there."""
    said, deadline = "", time.monotonic() + 60
    while sign not in said:
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        assert ready, said
        said += os.read(terminal, 65536).decode()
    return said
