"""How long the tests take: tests/durations.json, and the plugin that measures it anew."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Generator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

# Less than this is not stored (seconds).
_WORTH_STORING = 0.2
# Goes with a test's report from the process that ran it to the one that stores.
_PROPERTY = "durations"


@dataclass
class Durations:
    """The seconds that the tests of a file take.

    `shared` is the part of `total` that the fixtures of the whole file take. `tests` has those
    tests that are not over at once, by name, without what is shared.
    """

    total: float = 0.0
    shared: float = 0.0
    tests: dict[str, float] = field(default_factory=dict)


def load(root: Path) -> dict[str, Durations]:
    """What is stored, by file: paths from the root, with slashes. A file not in it is short."""
    stored = _stored(root)
    if not stored.exists():
        return {}
    return {name: Durations(**found) for name, found in json.loads(stored.read_text()).items()}


def store(root: Path, measured: dict[str, Durations]) -> None:
    """Replaces what is stored of these files. Those that are no longer there are forgotten."""
    merged = load(root) | measured
    kept = {
        name: _written(found, whole=name.endswith(".ipynb"))
        for name, found in sorted(merged.items())
        if found.total >= _WORTH_STORING and (root / name).exists()
    }
    _stored(root).write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def split(nodeid: str) -> tuple[str, str]:
    """File and name of a test. xdist adds its group, after an @."""
    file, _, name = nodeid.partition("::")
    if name.rfind("@") > name.rfind("]"):
        name = name.rpartition("@")[0]
    return file, name


def _stored(root: Path) -> Path:
    return root / "tests" / "durations.json"


def _written(found: Durations, whole: bool) -> dict[str, Any]:
    """What is not zero, to a tenth of a second. A notebook runs as a whole: no cells of it."""
    tests = {name: round(s, 1) for name, s in found.tests.items() if s >= _WORTH_STORING}
    rounded = Durations(round(found.total, 1), round(found.shared, 1), {} if whole else tests)
    return {name: value for name, value in asdict(rounded).items() if value}


def _property(report: pytest.TestReport) -> tuple[float, float]:
    """The seconds of a report that are nobody's, and those that are the whole file's."""
    for name, value in report.user_properties:
        if name == _PROPERTY and isinstance(value, list):
            return value[0], value[1]
    return 0.0, 0.0


class Stopwatch:
    """Measures tests, in each process of xdist; the one that hears of all of them stores it.

    A fixture of the session is no file's: the first test that needs it happens to pay for it.
    """

    def __init__(self) -> None:
        self._fixtures: dict[str, float] = defaultdict(float)
        self._measured: dict[str, Durations] = defaultdict(Durations)
        self._ran: set[str] = set()
        self._ends_file = self._ends_session = False

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any]
    ) -> Generator[None, object, object]:
        began = time.perf_counter()
        try:
            return (yield)
        finally:
            self._fixtures[fixturedef.scope] += time.perf_counter() - began

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        self._ends_session = nextitem is None
        self._ends_file = nextitem is None or nextitem.path != item.path
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        nobodys = shared = 0.0
        if call.when == "setup":
            nobodys = self._fixtures.pop("session", 0.0)
            self._fixtures.pop("function", None)
            shared = sum(self._fixtures.values())
        elif call.when == "teardown" and self._ends_session:
            nobodys = call.duration
        elif call.when == "teardown" and self._ends_file:
            shared = call.duration
        self._fixtures.clear()
        report.user_properties.append((_PROPERTY, [nobodys, shared]))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file, name = split(report.nodeid)
        nobodys, shared = _property(report)
        of_file = self._measured[file]
        of_file.total += report.duration - nobodys
        of_file.shared += shared
        own = report.duration - nobodys - shared
        of_file.tests[name] = of_file.tests.get(name, 0.0) + own
        if report.when == "call" and not report.skipped:
            self._ran.add(file)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if hasattr(session.config, "workerinput") or exitstatus != pytest.ExitCode.OK:
            return
        # What is skipped on this machine keeps its place.
        store(session.config.rootpath, {file: self._measured[file] for file in self._ran})
