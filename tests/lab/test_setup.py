"""What `lab` installs, when, and with what; and what it says where it cannot."""

from __future__ import annotations

import ast
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lab.script import LAB, lab_script

ROOT = Path(__file__).parents[2]

# Does what is asked as far as the next step can tell, and notes down what that was.
UV = """#!/bin/sh
echo "$*" >> calls
[ -f uv-fails ] && { cat uv-fails >&2; exit 1; }
[ "$1" = venv ] && mkdir -p .venv/bin && : > .venv/bin/python
exit 0
"""
PYTHON = """#!/bin/sh
echo "$*" >> calls
[ "$2" = venv ] || exit 0
mkdir -p .venv/bin && cp "$0" .venv/bin/python && : > .venv/bin/pip
"""
ON_OLD_PYTHON = """
import argparse, pathlib, runpy, subprocess, sys, urllib.request
sys.version_info, sys.argv = (3, {minor}, 0, "final", 0), ["lab", "run"]
runpy.run_path({lab!r}, run_name="__main__")
"""


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what set-up reads, and a PATH without uv and Python."""
    folder = tmp_path / "course"
    folder.mkdir()
    for project in (".", "labcloud"):
        (folder / project).mkdir(exist_ok=True)
        shutil.copy(ROOT / project / "pyproject.toml", folder / project)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.delenv("LAB_NO_SETUP", raising=False)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def script(here: Path) -> Any:
    """The script as a module, set-up pointed at that folder."""
    module = lab_script()
    module.HERE, module.VENV = here, here / ".venv"
    return module


@pytest.fixture
def calls(here: Path) -> Callable[[], list[str]]:
    """What the installers were called with since the last look."""

    def look() -> list[str]:
        noted = here / "calls"
        lines = noted.read_text().splitlines() if noted.exists() else []
        noted.unlink(missing_ok=True)
        return lines

    return look


@pytest.fixture
def uv(tmp_path: Path, here: Path) -> Path:
    return program(tmp_path / "bin" / "uv", UV)


def test_it_reads_on_pythons_that_are_too_old_to_run_the_course() -> None:
    ast.parse(LAB.read_text(), feature_version=(3, 8))


@pytest.mark.usefixtures("uv")
def test_the_first_time_makes_a_venv_and_installs(
    script: Any, here: Path, calls: Callable[[], list[str]]
) -> None:
    python = here / ".venv" / "bin" / "python"
    assert script.set_up() == python
    assert calls() == [
        f"venv --quiet --allow-existing --python {sys.executable} {here / '.venv'}",
        f"pip install --compile-bytecode --python {python} --no-deps "
        f"--require-hashes --requirement {here / 'requirements' / 'course.txt'}",
        f"pip install --compile-bytecode --python {python} --no-deps --no-build-isolation "
        f"--editable {here / 'labcloud'} --editable {here}",
    ]


@pytest.mark.usefixtures("uv")
def test_the_second_time_does_nothing(script: Any, calls: Callable[[], list[str]]) -> None:
    python = script.set_up()
    calls()
    assert script.set_up() == python
    assert calls() == []


@pytest.mark.usefixtures("uv")
def test_two_at_a_time_install_once(
    script: Any, here: Path, calls: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one waits, says so, and finds all done."""
    said: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr(script, "print", lambda line, **_: said.put(line), raising=False)
    with script.alone():
        second = threading.Thread(target=script.set_up)
        second.start()
        assert said.get(timeout=60) == "Another ./lab is setting up .venv; waiting for it"
        program(here / ".venv" / "bin" / "python", PYTHON)
        (here / ".venv" / ".lab-installed").write_text(script.fingerprint(""))
    second.join()
    assert calls() == []


@pytest.mark.usefixtures("uv")
@pytest.mark.parametrize("name", ["pyproject.toml", "requirements/course.txt"])
def test_a_change_of_what_is_needed_installs_again(
    script: Any, here: Path, calls: Callable[[], list[str]], name: str
) -> None:
    script.set_up()
    calls()
    before = script.fingerprint("")
    with (here / name).open("a") as file:
        file.write("# changed\n")
    assert script.fingerprint("") != before
    script.set_up()
    assert [call.split()[:2] for call in calls()] == [["pip", "install"]] * 2
    script.set_up()
    assert calls() == []


@pytest.mark.usefixtures("uv")
def test_the_tests_have_their_own_lock(
    script: Any, here: Path, calls: Callable[[], list[str]]
) -> None:
    script.set_up()
    calls()
    assert script.fingerprint("test") != script.fingerprint("")
    script.set_up("test")
    packages, project = calls()
    assert packages.endswith(f"--requirement {here / 'requirements' / 'test.txt'}")
    assert project.endswith(f"--editable {here / 'labcloud'} --editable {here}")


@pytest.mark.usefixtures("uv")
def test_an_environment_that_has_everything_is_used_as_it_is(
    script: Any, calls: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_NO_SETUP", "1")
    assert script.set_up() == Path(sys.executable)
    assert calls() == []


@pytest.mark.usefixtures("uv")
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("error: No space left on device (os error 28)", "The disk is full"),
        ("error: Disk quota exceeded (os error 122)", "Your disk quota is used up"),
        ("Temporary failure in name resolution", "The package index cannot be reached"),
        ("ERROR: No matching distribution found for moto", "could not be found on your package"),
        ("a thing nobody has seen before", "a thing nobody has seen before"),
    ],
)
def test_an_installer_that_fails_leaves_one_sentence_and_no_stamp(
    script: Any, here: Path, said: str, told: str
) -> None:
    (here / "uv-fails").write_text(said)
    with pytest.raises(script.Problem, match=told) as problem:
        script.set_up()
    assert "run this again" in str(problem.value)
    assert list(here.glob(".venv/.lab-installed*")) == []


def test_a_venv_that_was_interrupted_is_finished(
    script: Any,
    here: Path,
    tmp_path: Path,
    calls: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl-C while venv works leaves a Python that has no pip."""
    monkeypatch.setattr(sys, "executable", str(program(tmp_path / "bin" / "python3", PYTHON)))
    program(here / ".venv" / "bin" / "python", PYTHON)
    script.set_up()
    pip = "-m pip install --disable-pip-version-check"
    locks = here / "requirements"
    assert calls() == [
        f"-m venv {here / '.venv'}",
        f"{pip} --require-hashes --requirement {locks / 'pip.txt'}",
        f"{pip} --no-compile --no-deps --require-hashes --requirement {locks / 'course.txt'}",
        f"-m compileall -q -j 0 {here / '.venv' / 'lib'}",
        f"{pip} --no-compile --no-deps --no-build-isolation "
        f"--editable {here / 'labcloud'} --editable {here}",
        f"{here / 'labs' / '07-sentiment-web-app' / 'reviews.py'}",
    ]


@pytest.mark.usefixtures("uv")
def test_a_set_up_without_lab_07_s_reviews_is_done(
    script: Any, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its Python cannot be run, as where there is no network."""
    python = script.set_up()
    assert (here / ".venv" / ".lab-installed").exists()
    said = capsys.readouterr().out
    assert "reviews could not be fetched; its notebooks will try again\n" in said
    assert script.set_up() == python
    assert capsys.readouterr().out == ""


def test_a_python_without_venv(
    script: Any, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = program(
        tmp_path / "bin" / "python3", "#!/bin/sh\necho 'No module named venv' >&2\nexit 1\n"
    )
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(script.Problem, match="sudo apt install python3-venv, then run this again"):
        script.set_up()
    assert not (here / ".venv").exists()


def test_a_python_that_is_too_old_says_which_are_not(here: Path) -> None:
    for minor in (9, 10, 14):
        ended = run_as_python(minor, here)
        assert ended.returncode == 1
        assert ended.stderr.startswith(
            f"This is Python 3.{minor}, and the course needs 3.11, 3.12 or 3.13."
        )
        assert ended.stderr.count("\n") == 1


def run_as_python(minor: int, here: Path) -> subprocess.CompletedProcess[str]:
    copy = shutil.copy(LAB, here)
    source = ON_OLD_PYTHON.format(minor=minor, lab=str(copy))
    only = {**os.environ, "PATH": str(here / "no-programs")}
    return subprocess.run(
        [sys.executable, "-c", source], env=only, capture_output=True, text=True, timeout=60
    )


def test_a_python_that_is_too_old_looks_for_another(
    script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest one that starts: a version manager's shim may be there without its Python."""
    program(tmp_path / "bin" / "python3.13", "#!/bin/sh\nexit 127\n")
    good = program(tmp_path / "bin" / "python3.12", "#!/bin/sh\nexit 0\n")
    monkeypatch.setattr(sys, "version_info", (3, 9, 0, "final", 0))
    found = script.suitable_python()
    monkeypatch.undo()
    assert found == str(good)


@pytest.mark.parametrize(("command", "code"), [("status", 3), ("stop", 0), ("reset", 0)])
@pytest.mark.parametrize("begun", [False, True])
def test_what_makes_no_sense_before_the_set_up_sets_nothing_up(
    here: Path, command: str, code: int, begun: bool
) -> None:
    """Nor while another one sets up: there is a Python then, and nothing that is installed."""
    shutil.copy(LAB, here)
    if begun:
        program(here / ".venv" / "bin" / "python", PYTHON)
    ended = subprocess.run(
        [sys.executable, str(here / "lab"), command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (
        code,
        "Nothing is set up yet. Begin with ./lab open\n",
    )
    assert (here / ".venv").exists() == begun
    assert not (here / "calls").exists()
