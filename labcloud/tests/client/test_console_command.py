"""`labcloud console`: what it prints, and what it opens."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

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
    with httpx.Client(trust_env=False) as client:
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


def test_without_a_server_it_says_so(tmp_path: Path) -> None:
    done = labcloud(tmp_path / "none", "console")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "labcloud is not running. labcloud start starts it.\n"
