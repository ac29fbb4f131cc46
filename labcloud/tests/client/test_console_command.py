"""`labcloud console`: what it prints, and what it opens."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from labcloud.cli.console import show
from labcloud.client import report
from labcloud.state.home import Home
from labcloud_support.command import labcloud

_PRINTED = re.compile(
    r"The console \(this address opens it once\): (http://127\.0\.0\.1:\d+/_console/\?token=\S+)\n"
)


def test_it_prints_an_address_that_opens_the_console(cloud_environment: dict[str, str]) -> None:
    home = Path(cloud_environment["LABCLOUD_HOME"])
    done = labcloud(home, "console", "--no-browser")
    assert (done.returncode, done.stderr) == (0, "")
    printed = _PRINTED.fullmatch(done.stdout)
    assert printed, done.stdout
    with httpx.Client(timeout=60, trust_env=False) as client:
        assert client.get(printed[1]).status_code == 200
        assert "Overview" in client.get(printed[1].partition("?")[0]).text
    # The log of the server does not hold what opens it.
    token = printed[1].partition("token=")[2]
    assert token not in Home(home).log.read_text()


def test_it_opens_the_address_in_the_browser(
    cloud_environment: dict[str, str], tmp_path: Path
) -> None:
    browser, told = tmp_path / "browser", tmp_path / "told"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{told}"\n')
    browser.chmod(0o700)
    home = Path(cloud_environment["LABCLOUD_HOME"])
    done = labcloud(home, "console", BROWSER=f"{browser} %s")
    printed = _PRINTED.fullmatch(done.stdout)
    assert printed, done.stdout + done.stderr
    assert told.read_text() == printed[1]


def test_the_words_of_the_browser_may_be_those_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the server cannot know whose program has connected."""
    address = "http://127.0.0.1:1/_console/?token=a&b=<c>"
    opened: list[str] = []

    def browser(url: str) -> bool:
        file = Path(unquote(urlsplit(url).path))
        assert file.stat().st_mode & 0o777 == 0o600
        assert f'url={escape(address)}"' in file.read_text()
        opened.append(url)
        return True

    monkeypatch.setattr("webbrowser.open", browser)
    monkeypatch.setattr("labcloud.client.owners.known", lambda: False)
    answers = iter([True, True, False])
    show(address, tmp_path, lambda: next(answers))
    (url,) = opened
    assert url.startswith("file:///")
    assert "token" not in url
    assert next(answers, None) is None
    assert list(tmp_path.iterdir()) == []


def test_a_token_has_an_end_that_is_asked_for(cloud_environment: dict[str, str]) -> None:
    home = Home(Path(cloud_environment["LABCLOUD_HOME"]))
    running = home.running()
    assert running is not None
    for seconds, status in (("60", 200), ("0", 401), ("-1", 401), ("nan", 401), ("x", 401)):
        token = report.ask(home, running, "POST", f"/console?seconds={seconds}")["Token"]
        opened = httpx.get(f"{running.url}/_console/?token={token}", timeout=60, trust_env=False)
        assert opened.status_code == status, seconds
        waits = report.ask(home, running, "POST", f"/console/waits?token={token}")
        assert waits == {"Waits": False}


def test_without_a_server_it_says_so(tmp_path: Path) -> None:
    done = labcloud(tmp_path / "none", "console")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "labcloud is not running. labcloud start starts it.\n"
