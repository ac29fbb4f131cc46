"""How soon the console's pages come, where there are many jobs: until their first byte."""

from __future__ import annotations

import functools
import http.client
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.growth import JOBS
from benchmarks.table import Row, turns

from labcloud.client import launch, report
from labcloud.state.home import Home

# The job is the newest of those that `benchmarks.growth` makes.
PAGES = {
    "the overview": "/",
    "a page of jobs": "/jobs/training-jobs",
    "a search that finds nothing": "/jobs/training-jobs?search=nothing",
    "a job": "/jobs/training-jobs/job-000999",
    "the costs": "/costs",
}
_MOST = 0.1
_TURNS = 15


def measure(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        homes = {name: Home(Path(folder) / name) for name in ("tenth", "whole")}
        for home, jobs in zip(homes.values(), (JOBS // 10, JOBS), strict=True):
            command = [sys.executable, "-m", "benchmarks.growth", str(home.path), str(jobs), "0"]
            subprocess.run(command, check=True)
        with _entered(homes["tenth"]) as tenth, _entered(homes["whole"]) as whole:
            for what, path in PAGES.items():
                calls = {
                    name: functools.partial(browser.first_byte, path)
                    for name, browser in (("tenth", tenth), ("whole", whole))
                }
                times = turns(_TURNS, **calls)
                ratio = times["whole"] / times["tenth"]
                rows.append(
                    Row(
                        f"the console with {JOBS:,} jobs: {what}, first byte",
                        f"{1000 * times['whole']:.1f} ms",
                        f"a tenth of them {1000 * times['tenth']:.1f} ms",
                        f"{ratio:.2f}",
                        f"≤ {1000 * _MOST:.0f} ms",
                        times["whole"] <= _MOST,
                    )
                )


class _Browser:
    """One connection with the session's cookie."""

    def __init__(self, url: str, cookie: str) -> None:
        address = urllib.parse.urlsplit(url)
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port)
        self._headers = {"Cookie": cookie}

    def first_byte(self, path: str) -> None:
        self._connection.request("GET", f"/_console{path}", headers=self._headers)
        response = self._connection.getresponse()
        text = response.read()
        assert response.status == 200, (path, text[-500:])

    def close(self) -> None:
        self._connection.close()


@contextmanager
def _entered(home: Home) -> Iterator[_Browser]:
    running = launch.start(home, ["--port", "0"], detach=False)
    try:
        found = report.ask(home, running, "POST", "/console")
        entering = http.client.HTTPConnection("127.0.0.1", running.port)
        entering.request("GET", f"{found['Path']}?token={found['Token']}")
        answer = entering.getresponse()
        answer.read()
        browser = _Browser(running.url, answer.headers["set-cookie"].partition(";")[0])
        entering.close()
        try:
            yield browser
        finally:
            browser.close()
    finally:
        launch.stop(home)
