"""How soon the console's pages come, where there are many jobs: until their first byte."""

from __future__ import annotations

import functools
import http.client
import itertools
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.growth import JOBS, OBJECTS
from benchmarks.table import Row, Table, turns

from labcloud.client import launch, report
from labcloud.state.home import Home

SEARCH, TRIALS = "growth", 500
# The job is the newest of those that `benchmarks.growth` makes.
PAGES = {
    "the overview": "/",
    "a page of jobs": "/jobs/training-jobs",
    "a search that finds nothing": "/jobs/training-jobs?search=nothing",
    "a part of the image's name": "/jobs/training-jobs?image=xgboost",
    "a part of the image's name, asked for again": "/jobs/training-jobs?image=xgboost&live=1",
    "a job": "/jobs/training-jobs/job-000999",
    f"a tuning job with {TRIALS} training jobs": f"/jobs/tuning-jobs/{SEARCH}",
    "the same, asked for again": f"/jobs/tuning-jobs/{SEARCH}?live=1",
    "the buckets": "/s3",
    "the costs": "/costs",
}
_MOST = 0.1
_TURNS = 15
_CHILDREN = "TrainingJobs"


def measure(table: Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        homes = {name: Home(Path(folder) / name) for name in ("tenth", "whole")}
        for home, part in zip(homes.values(), (10, 1), strict=True):
            counts = (str(JOBS // part), str(OBJECTS // part))
            command = [sys.executable, "-m", "benchmarks.growth", str(home.path), *counts]
            subprocess.run(command, check=True)
            _add_search(home, TRIALS // part)
        with _entered(homes["tenth"]) as tenth, _entered(homes["whole"]) as whole:
            for what, path in PAGES.items():
                calls = {
                    name: functools.partial(browser.first_byte, path)
                    for name, browser in (("tenth", tenth), ("whole", whole))
                }
                times = turns(_TURNS, **calls)
                ratio = times["whole"] / times["tenth"]
                table.append(
                    Row(
                        f"the console, {JOBS:,} jobs, {OBJECTS:,} objects: {what}, first byte",
                        f"{1000 * times['whole']:.1f} ms",
                        f"a tenth of them {1000 * times['tenth']:.1f} ms",
                        f"{ratio:.2f}",
                        f"≤ {1000 * _MOST:.0f} ms",
                        times["whole"] <= _MOST,
                    )
                )


def _add_search(home: Home, trials: int) -> None:
    """A tuning job that has ended, with so many training jobs, on a state that no server runs on.

    It is made of one that has run, as the jobs are.
    """
    from labcloud.state.records import Records

    source = Path(os.environ["LABCLOUD_HOME"]) / "records.sqlite"
    kind = "hyper-parameter-tuning-job"
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as database:
        found = database.execute("SELECT body FROM records WHERE kind = ?", (kind,)).fetchall()
    record = max((json.loads(text) for (text,) in found), key=lambda each: len(each[_CHILDREN]))
    values = itertools.islice(itertools.cycle(record[_CHILDREN]), trials)
    children = [
        child | {"TrainingJobName": f"job-{number:06}"} for number, child in enumerate(values)
    ]
    name = {"HyperParameterTuningJobName": SEARCH}
    records = Records(home.records)
    records.insert(kind, SEARCH, record | name | {_CHILDREN: children})
    records.close()


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
