"""The console of the session's labcloud, with an account that has a bit of everything in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from labcloud.state.home import Home
from labcloud_support.browser import chromium
from labcloud_support.demonstration import Demonstration
from labcloud_support.pictures import address as new_address


@pytest.fixture(scope="session")
def address(cloud_environment: dict[str, str]) -> Callable[[], str]:
    """An address that opens the console once."""
    home = Home(Path(cloud_environment["LABCLOUD_HOME"]))

    def make() -> str:
        running = home.running()
        assert running is not None
        return new_address(home, running)

    return make


@pytest.fixture(scope="session")
def console(cloud_environment: dict[str, str]) -> str:
    """Where the console is."""
    return f"{cloud_environment['AWS_ENDPOINT_URL']}/_console"


@pytest.fixture(scope="session")
def account(client: Callable[[str], Any]) -> Demonstration:
    """The account that the pages show."""
    found = Demonstration(client)
    found.make()
    return found


@pytest.fixture
def web(address: Callable[[], str]) -> Iterator[httpx.Client]:
    """A browser's requests without a browser: signed in, and from the console's own pages."""
    with httpx.Client(timeout=60, trust_env=False) as client:
        opened = client.get(address())
        assert opened.status_code == 200
        client.headers["origin"] = str(opened.url.copy_with(path="/", query=None)).rstrip("/")
        client.headers["sec-fetch-site"] = "same-origin"
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module: as long as it is open, no other test can run an event loop in this thread."""
    with chromium() as browser:
        yield browser


@dataclass
class Seen:
    """A page, and what it has complained of: errors of scripts, and what its policy refused."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def seen(browser: Browser, address: Callable[[], str]) -> Iterator[Seen]:
    """The console in Chromium, signed in."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    # A page that never comes fails its test, and not the whole run.
    page.set_default_timeout(60_000)
    found = Seen(page)
    page.on("console", lambda said: found.complaints.append(said.text))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.goto(address())
    page.get_by_role("heading", name="Overview").wait_for()
    yield found
    page.close()


@pytest.fixture
def page(seen: Seen) -> Iterator[Page]:
    """That page, which has nothing to complain of."""
    seen.complaints.clear()
    yield seen.page
    assert seen.complaints == []
