"""A pytest plugin: which tests `./lab test` runs, in what order, and in which process.

Of several processes, each takes the longest file that is left: its tests share what they make, and
a notebook's cells have an order. A file's tests that share nothing are spread with the marker
xdist_group. `--quick` leaves out what is long; `--part` is for machines that share the work.
"""

# xdist has no types.
# mypy: disallow-subclassing-any=False

from __future__ import annotations

import argparse
import heapq
import re
from collections.abc import Collection

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests import durations
from tests.durations import Durations

# What a test of the quick lane may take, and what the tests of its file may share (seconds).
QUICK = 0.2
# What a file is taken for whose time is not stored (seconds).
_SHORT = 0.3
# A notebook runs as a whole. This one has all that a notebook can have.
QUICK_NOTEBOOK = "01-xgboost-iris.ipynb"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lanes")
    group.addoption("--quick", action="store_true", help="Leave out what is long.")
    group.addoption(
        "--part",
        type=_part,
        metavar="K/N",
        help="Run the K-th of N parts, which take equally long: together they are all tests.",
    )
    group.addoption(
        "--store-durations",
        action="store_true",
        help="Store in tests/durations.json how long the tests take, if all of them pass. Tests "
        "that are run in part (-k, -m) are stored as if that were all.",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("store_durations"):
        if config.getoption("quick"):
            raise pytest.UsageError("--store-durations measures all tests: not with --quick")
        config.pluginmanager.register(durations.Stopwatch())


# Before xdist puts the group into the names.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    known = durations.load(config.rootpath)
    if config.getoption("quick"):
        slow = [item for item in items if not is_quick(item, known)]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if is_quick(item, known)]
    if part := config.getoption("part"):
        which, parts = part
        here = _files_of_part(
            which, parts, {durations.split(each.nodeid)[0] for each in items}, known
        )
        others = [each for each in items if durations.split(each.nodeid)[0] not in here]
        config.hook.pytest_deselected(items=others)
        items[:] = [each for each in items if durations.split(each.nodeid)[0] in here]
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _of_file(item, known).total, reverse=True)


def is_quick(item: pytest.Item, known: dict[str, Durations]) -> bool:
    """Whether a test is in the quick lane. One that is new, or has moved, counts as short."""
    if item.path.suffix == ".ipynb":
        return item.path.name == QUICK_NOTEBOOK
    if item.get_closest_marker("slow"):
        return False
    found = _of_file(item, known)
    name = durations.split(item.nodeid)[1]
    return found.shared <= QUICK and found.tests.get(name, 0.0) <= QUICK


def _part(given: str) -> tuple[int, int]:
    """Which part is run, and of how many. Raises ArgumentTypeError."""
    found = re.fullmatch("([0-9]{1,3})/([0-9]{1,3})", given)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise argparse.ArgumentTypeError(f"{given!r} is no part; the second of five is 2/5")
    return int(found[1]), int(found[2])


def _files_of_part(
    which: int, parts: int, files: Collection[str], known: dict[str, Durations]
) -> set[str]:
    """The longest file first, each file goes to the part that has the least to do."""

    def seconds(file: str) -> float:
        return known.get(file, Durations(_SHORT)).total

    shares = [(0.0, number, set[str]()) for number in range(1, parts + 1)]
    for file in sorted(files, key=lambda file: (-seconds(file), file)):
        least, number, share = heapq.heappop(shares)
        heapq.heappush(shares, (least + seconds(file), number, share | {file}))
    return next(share for _, number, share in shares if number == which)


def _of_file(item: pytest.Item, known: dict[str, Durations]) -> Durations:
    return known.get(durations.split(item.nodeid)[0], Durations())


class Scheduling(LoadScopeScheduling):
    """Gives a process a whole file, or a whole group of the marker xdist_group, at a time."""

    def _split_scope(self, nodeid: str) -> str:
        """xdist puts the name of a group at the end, after an @."""
        file, name = durations.split(nodeid)
        return file if nodeid == f"{file}::{name}" else nodeid.rpartition("@")[2]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    if config.getvalue("dist") != "loadgroup":
        return None
    # The order is that of the durations, not of the number of tests.
    config.option.loadscopereorder = False
    return Scheduling(config, log)
