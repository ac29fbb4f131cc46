"""Which tests `./lab test` runs, in what order and in which process: a small suite of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.script import lab_script
from tests.lanes import QUICK

ROOT = Path(__file__).parents[2]
WRITE = """\
import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def written(request):
    with open(Path(__file__).with_name("ran"), "a") as ran:
        ran.write(f"{os.environ.get('PYTEST_XDIST_WORKER')} {request.node.name}\\n")
"""
TWO_GROUPS = """\
import pytest


@pytest.mark.xdist_group("one")
def test_a1(): ...


@pytest.mark.xdist_group("two")
def test_a2(): ...
"""
# Slow, for times are what is measured.
LONG = """\
import time

import pytest


@pytest.fixture(scope="session")
def of_all():
    time.sleep(1.2)


@pytest.fixture(scope="module")
def of_the_file(of_all):
    time.sleep(1.1)


def test_short(of_the_file): ...


def test_long(of_the_file):
    time.sleep(1.3)


@pytest.mark.skip
def test_skipped(): ...
"""

Suite = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """The durations of the small suite."""
    return tmp_path / "tests" / "durations.json"


@pytest.fixture
def suite(tmp_path: Path, stored: Path) -> Suite:
    """Runs pytest in the folder of the small suite. Keywords are its modules, and their code."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow: long\n")
    (tmp_path / "conftest.py").write_text(WRITE)
    stored.parent.mkdir()
    stored.write_text("{}")
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    # It starts in a third of the time.
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

    def run(*words: str, **modules: str) -> subprocess.CompletedProcess[str]:
        for name, code in modules.items():
            (tmp_path / f"{name}.py").write_text(code)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "xdist.plugin", "-p", "tests.lanes",
             "-c", tmp_path / "pytest.ini", "--import-mode=importlib", *words, tmp_path],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    return run


@pytest.fixture
def ran(tmp_path: Path) -> Callable[[], list[list[str]]]:
    """Process and name of the tests that have run, in their order."""
    return lambda: [line.split() for line in (tmp_path / "ran").read_text().splitlines()]


def module_of(*names: str) -> str:
    """Code with tests that do nothing."""
    return "".join(f"def {name}(): ...\n" for name in names)


def test_the_longest_file_is_first(
    suite: Suite, stored: Path, ran: Callable[[], list[list[str]]]
) -> None:
    stored.write_text(
        json.dumps({"test_c.py": {"total": 9.0}, "test_b.py": {"total": 4.0}, "gone.py": {}})
    )
    done = suite(
        "-n1", "--dist=loadgroup",
        test_a=module_of("test_a1", "test_a2", "test_a3"),
        test_b=module_of("test_b2", "test_b1"),
        test_c=module_of("test_c1"),
        test_d=module_of("test_d1"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    found = [name for _, name in ran()]
    assert found == ["test_c1", "test_b2", "test_b1", "test_a1", "test_a2", "test_a3", "test_d1"]


def test_one_process_runs_them_as_they_are_found(
    suite: Suite, stored: Path, ran: Callable[[], list[list[str]]]
) -> None:
    stored.write_text(json.dumps({"test_b.py": {"total": 9.0}}))
    suite(test_a=module_of("test_a1"), test_b=module_of("test_b1"))
    assert [name for _, name in ran()] == ["test_a1", "test_b1"]


def test_a_file_is_run_by_one_process_and_its_groups_by_more(
    suite: Suite, ran: Callable[[], list[list[str]]]
) -> None:
    names = [f"test_b{number}" for number in range(5)]
    done = suite("-n2", "--dist=loadgroup", test_a=TWO_GROUPS, test_b=module_of(*names))
    assert done.returncode == 0, done.stdout
    process = {name: who for who, name in ran()}
    assert process["test_a1"] != process["test_a2"]
    assert len({process[name] for name in names}) == 1


def test_quick_leaves_out_what_is_long(
    suite: Suite, stored: Path, ran: Callable[[], list[list[str]]]
) -> None:
    known = {
        "test_a.py": {"total": 30.0, "tests": {"test_a1": 9.0, "test_a2": QUICK}},
        "test_b.py": {"total": 4.0, "shared": 3.5},
    }
    stored.write_text(json.dumps(known))
    done = suite(
        "--quick",
        test_a=module_of("test_a1", "test_a2", "test_a3"),
        test_b=module_of("test_b1"),
        test_c="import pytest\n@pytest.mark.slow\n" + module_of("test_c1", "test_c2"),
    )
    assert "3 passed, 3 deselected" in done.stdout
    assert [name for _, name in ran()] == ["test_a2", "test_a3", "test_c2"]


@pytest.mark.parametrize(
    ("words", "more"), [([], 1), (["-x"], 1), (["--quick"], 0), (["--quick", "--maxfail=1"], 0)]
)
def test_short_tests_have_a_core_each_and_long_ones_share(words: list[str], more: int) -> None:
    processes = str((os.cpu_count() or 1) + more)
    assert lab_script().at_once(words) == ["-n", processes, "--dist", "loadgroup"]


@pytest.mark.parametrize("words", [["-n", "4"], ["--pdb"], ["tests/lab/test_lanes.py::test_a"]])
def test_who_says_how_is_not_contradicted(words: list[str]) -> None:
    assert lab_script().at_once(words) == []


def test_all_parts_are_all_tests_and_take_about_as_long(
    suite: Suite, stored: Path, ran: Callable[[], list[list[str]]]
) -> None:
    known = {"test_a.py": {"total": 9.0}, "test_b.py": {"total": 5.0}, "test_c.py": {"total": 4.0}}
    stored.write_text(json.dumps(known))
    modules = {name: module_of(name, f"{name}_2") for name in ("test_a", "test_b", "test_c")}
    assert "2 passed, 4 deselected" in suite("--part=1/2", **modules).stdout
    assert [name for _, name in ran()] == ["test_a", "test_a_2"]
    done = suite("--part", "2/2", "-n2", "--dist=loadgroup")
    assert done.returncode == 0, done.stdout
    assert sorted(name for _, name in ran()[2:]) == ["test_b", "test_b_2", "test_c", "test_c_2"]


@pytest.mark.parametrize("part", ["0/2", "3/2", "2", "a/b", "1/-1", ""])
def test_a_part_that_is_none_is_refused(suite: Suite, part: str) -> None:
    done = suite(f"--part={part}", test_a=module_of("test_a1"))
    assert done.returncode == 4
    assert "is no part; the second of five is 2/5" in done.stderr


@pytest.mark.parametrize("processes", [[], ["-n2", "--dist=loadgroup"]])
def test_durations_are_stored_without_what_all_files_share(
    suite: Suite, stored: Path, processes: list[str]
) -> None:
    stored.write_text(json.dumps({"gone.py": {"total": 9.0}}))
    # What is short takes its time, too, on a busy machine.
    worth = "from tests import durations\ndurations._WORTH_STORING = 1.0\n"
    done = suite(
        "--store-durations", *processes,
        conftest=WRITE + worth, test_a=LONG, test_b=module_of("test_b1"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    found = json.loads(stored.read_text())
    assert list(found) == ["test_a.py"]
    assert list(found["test_a.py"]["tests"]) == ["test_long"]
    # What the machine is busy with besides makes it longer, never shorter.
    assert found["test_a.py"]["tests"]["test_long"] >= 1.3
    assert found["test_a.py"]["shared"] >= 1.1
    assert found["test_a.py"]["total"] >= 2.4


def test_nothing_is_stored_if_a_test_fails(suite: Suite, stored: Path) -> None:
    done = suite("--store-durations", test_a=LONG, test_b="def test_b(): assert 0\n")
    assert done.returncode == 1
    assert stored.read_text() == "{}"


def test_what_is_skipped_keeps_its_durations(suite: Suite, stored: Path) -> None:
    known = {"test_a.py": {"total": 9.0, "shared": 1.0, "tests": {"test_a1": 8.0}}}
    stored.write_text(json.dumps(known))
    done = suite("--store-durations", test_a="import pytest\n@pytest.mark.skip\ndef test_a1(): ...")
    assert done.returncode == 0
    assert json.loads(stored.read_text()) == known


def test_the_quick_lane_cannot_be_stored(suite: Suite, stored: Path) -> None:
    done = suite("--store-durations", "--quick", test_a=module_of("test_a1"))
    assert done.returncode == 4
    assert "not with --quick" in done.stderr
