"""Notes on a learner's progress: only where they are asked for, and never with an answer."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from labcloud import LocalAWS
from labhelpers import Exercise, Exercises, Lab, NotYet, clean_up, progress

from .conftest import Start

NAME = "01-xgboost-iris"
SECRET = "an answer that is nobody else's business"
Printed = pytest.CaptureFixture[str]


def is_right(answer: Any) -> str:
    if answer != "right":
        raise NotYet("no.")
    return "yes."


@pytest.fixture
def exercises() -> Exercises:
    exercise = Exercise(check=is_right, hints=("1.",), solution="", wrong=())
    return Exercises(exercise, exercise)


@pytest.fixture(autouse=True)
def nobody_is_followed() -> Iterator[None]:
    """A test leaves no notebook behind that the next one would note."""
    yield
    progress._note = None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_PROGRESS", str(tmp_path))
    return tmp_path


@pytest.fixture
def notebook(lab: Lab) -> Iterator[Lab]:
    """A lab with the name of a notebook; its learner is the test's own."""
    found = replace(lab, name=NAME)
    yield found
    clean_up(found)


def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{NAME}.json").read_text())
    return found


def test_nothing_is_noted_unless_it_is_asked_for(
    notebook: Lab, exercises: Exercises, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAB_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    progress.follow(notebook)
    exercises.check(1, "right")
    assert progress._note is None
    assert list(tmp_path.iterdir()) == []


def test_tries_are_counted_and_answers_are_not_kept(
    notebook: Lab, exercises: Exercises, folder: Path
) -> None:
    progress.follow(notebook)
    exercises.check(1, ...)
    for answer in (SECRET, SECRET, "right", SECRET):
        exercises.check(1, answer)
    exercises.check(2, SECRET)
    note = written(folder)
    assert note["exercises"] == {
        "1": {"tries": 4, "solved": True},
        "2": {"tries": 1, "solved": False},
    }
    assert note["failed"] == 2
    assert set(note) == {"at", "failed", "exercises", "endpoints", "time"}
    assert SECRET not in (folder / f"{NAME}.json").read_text()


def test_the_file_is_for_its_learner_and_for_the_folder_s_group(
    notebook: Lab, exercises: Exercises, folder: Path
) -> None:
    before = os.umask(0)
    try:
        progress.follow(notebook)
        exercises.check(1, "right")
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / f"{NAME}.json").stat().st_mode) == 0o640
    assert [path.name for path in folder.iterdir()] == [f"{NAME}.json"]


def test_a_new_kernel_goes_on(notebook: Lab, exercises: Exercises, folder: Path) -> None:
    for _ in range(2):
        progress.follow(notebook)
        exercises.check(1, "wrong")
    assert written(folder)["exercises"]["1"]["tries"] == 2
    assert written(folder)["failed"] == 2


@pytest.mark.parametrize("before", ["", "[]", '{"exercises": 5}', '{"failed": "x"}', "{" * 10_000])
def test_a_note_that_is_none_stops_no_exercise(
    notebook: Lab, exercises: Exercises, folder: Path, capsys: Printed, before: str
) -> None:
    (folder / f"{NAME}.json").write_text(before)
    progress.follow(notebook)
    exercises.check(1, "right")
    assert capsys.readouterr().out.endswith("Exercise 1: correct: yes.\n")


def test_a_folder_that_is_gone_stops_no_exercise(
    notebook: Lab, exercises: Exercises, folder: Path, capsys: Printed
) -> None:
    folder.rmdir()
    progress.follow(notebook)
    exercises.check(1, "right")
    assert capsys.readouterr().out.endswith("Exercise 1: correct: yes.\n")
    assert not folder.exists()


def test_a_project_of_one_s_own_is_not_noted(lab: Lab, exercises: Exercises, folder: Path) -> None:
    progress.follow(replace(lab, name="churn"))
    exercises.check(1, "right")
    assert list(folder.iterdir()) == []


def test_endpoints_are_the_learner_s(
    notebook: Lab, folder: Path, deploy: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 60)
    mine, other = deploy(notebook), replace(notebook, learner="other")
    deploy(other)
    progress.follow(notebook)
    assert progress._note is not None
    progress._note.ran("cell-22")
    clean_up(other)
    assert written(folder)["at"] == "cell-22"
    assert written(folder)["endpoints"] == [mine]


@pytest.fixture
def run(labcloud: LocalAWS, folder: Path) -> Iterator[Callable[[str, str], None]]:
    """Runs code in a kernel as JupyterLab does, which says which cell it is."""
    manager, client = start_new_kernel()

    def execute(code: str, cell: str) -> None:
        content = {"code": code, "silent": False, "store_history": True}
        message = client.session.msg("execute_request", content, metadata={"cellId": cell})
        client.shell_channel.send(message)
        while True:
            reply = client.get_shell_msg(timeout=120)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                assert reply["content"]["status"] in ("ok", "error")
                break
        # The note is written when the cell has ended, before the kernel takes the next one.
        client.execute_interactive("None", timeout=120, store_history=False, silent=True)

    yield execute
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
def test_in_a_notebook_the_cell_that_ran_last_is_noted(
    run: Callable[[str, str], None], folder: Path
) -> None:
    run(f"from labhelpers import connect\nlab = connect({NAME!r})", "cell-03")
    assert written(folder)["at"] == "cell-03"
    run("1 / 0", "cell-06")
    assert written(folder)["at"] == "cell-06"
    run("import os\nos.environ['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1'", "cell-07")
    run(f"lab = connect({NAME!r})", "cell-08")
    # Nobody answers, so nothing can be said about endpoints; the cell is noted all the same.
    assert written(folder)["at"] == "cell-08"
