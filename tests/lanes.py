"""A pytest plugin: which tests `./lab test` runs, in what order, and in which process.

Of several processes, each takes the longest file that is left: its tests share what they make, and
a notebook's cells have an order. A file's tests that share nothing are spread with the marker
xdist_group. `--quick` leaves out what is long.
"""

# xdist has no types.
# mypy: disallow-subclassing-any=False

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests import durations
from tests.durations import Durations

# What a test of the quick lane may take, and what the tests of its file may share (seconds).
QUICK = 0.5
# A notebook runs as a whole. This one has all that a notebook can have.
QUICK_NOTEBOOK = "01-xgboost-iris.ipynb"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lanes")
    group.addoption("--quick", action="store_true", help="Leave out what is long.")
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
