"""A copy of the course, opened with `lab open` and seen in Chromium."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from labcloud_support.needs import unavailable

ROOT = Path(__file__).parents[2]
_URL = re.compile(r"http://\S+\?token=\w+")
_SECONDS = 60.0
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_failed = pytest.StashKey[bool]()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Where there is none the tests are skipped.

    For a module, not the session: as long as it is open, Playwright runs an event loop in this
    thread, and no other test can run its own.
    """
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if program is None:
        unavailable(f"no Chromium on the PATH (looked for {', '.join(_CHROMIUM)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()


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
            yield _printed_url(process)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _printed_url(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    said, deadline = "", time.monotonic() + _SECONDS
    while not (found := _URL.search(said)):
        ready, _, _ = select.select([process.stdout], [], [], deadline - time.monotonic())
        piece = os.read(process.stdout.fileno(), 4096) if ready else b""
        assert piece, f"lab open ended, or printed no address in {_SECONDS:.0f} s: {said}"
        said += piece.decode()
    return found[0]


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
