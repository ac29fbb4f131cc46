"""A copy of the course, opened with `lab open` and seen in Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from labcloud_support.browser import chromium
from tests.opening import printed_url

ROOT = Path(__file__).parents[2]
_SECONDS = 180.0
_failed = pytest.StashKey[bool]()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Where there is none the tests are skipped.

    For a module, not the session: as long as it is open, Playwright runs an event loop in this
    thread, and no other test can run its own.
    """
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files in a folder of their own: what JupyterLab saves changes nothing here."""
    folder = tmp_path_factory.mktemp("course")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in listed.stdout.rstrip("\0").split("\0"):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def address(course: Path, tmp_path: Path) -> Iterator[str]:
    """What `lab open` prints, for a user who opens JupyterLab for the first time."""
    ours = ("AWS_", "JUPYTER", "LAB_", "LABCLOUD_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment = kept | {
        "HOME": str(tmp_path),
        "LAB_NO_SETUP": "1",
        "LABCLOUD_HOME": str(tmp_path / "state"),
    }
    # In a group of its own, so that a Ctrl-C of the tests' user leaves it to this fixture.
    with subprocess.Popen(
        [sys.executable, "lab", "open", "--no-browser"],
        cwd=course,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
    ) as process:
        try:
            yield printed_url(process)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@pytest.fixture
def interruptions() -> list[str]:
    """The requests that Chromium has given up because the machine's networks have changed.

    Docker makes and removes networks with the containers of other tests. A person would reload the
    page, and so do the tests.
    """
    return []


@pytest.fixture
def page(
    browser: Browser, address: str, interruptions: list[str], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The address, opened. A test that fails leaves a picture in build/."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})

    def note(failed: Request) -> None:
        if "ERR_NETWORK_CHANGED" in (failed.failure or ""):
            interruptions.append(failed.url)

    page.on("requestfailed", note)
    page.goto(address)
    yield page
    if request.node.stash.get(_failed, False):
        (ROOT / "build").mkdir(exist_ok=True)
        page.screenshot(path=ROOT / "build" / f"{request.node.name}.png")
    page.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_failed] = True
    return report
