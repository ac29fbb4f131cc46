"""How times grow: servers that hold little, and ten times as much.

An exponent of 1 is linear: ten times as much takes ten times as long. Page by page, as every
client reads a list, a look at everything for each page would be 2.

`python -m benchmarks.growth HOME JOBS OBJECTS` fills a state directory: a record of a job that has
run is copied, and objects are put by the server's own store, in one process.
"""

from __future__ import annotations

import functools
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import boto3
from benchmarks.table import Row, Table, turns

from labcloud.client import launch
from labcloud.client.environment import address_and_key
from labcloud.state.home import Home

JOBS, OBJECTS, LINES = 10_000, 20_000, 1_000_000
_TENTH = 10
_GROUP = "growth"


def measure(table: Table) -> None:
    """Lists of jobs and objects, a log, and a start."""
    with tempfile.TemporaryDirectory() as folder:
        homes = {name: Home(Path(folder) / name) for name in ("empty", "tenth", "whole")}
        for name, part in (("empty", 0), ("tenth", 1), ("whole", _TENTH)):
            counts = (str(JOBS * part // _TENTH), str(OBJECTS * part // _TENTH))
            command = [sys.executable, "-m", "benchmarks.growth", str(homes[name].path), *counts]
            subprocess.run(command, check=True)
        calls = {name: functools.partial(_started, home) for name, home in homes.items()}
        starts = turns(3, **calls)
        table.append(_start_row(starts))
        with _served(homes["tenth"]) as tenth, _served(homes["whole"]) as whole:
            both = (tenth, whole)
            table.append(_row(f"list {JOBS:,} training jobs", both, _all_jobs))
            table.append(_row(f"list {OBJECTS:,} objects", both, _all_objects))
            table.append(_page_row(both))
            _write_log(tenth, LINES // _TENTH)
            _write_log(whole, LINES)
            table.append(_row(f"read a log of {LINES:,} lines", both, _whole_log))


Clients = dict[str, Any]


@contextmanager
def _served(home: Home) -> Iterator[Clients]:
    """Clients of a server on a state directory."""
    running = launch.start(home, ["--port", "0"], detach=False)
    try:
        found = address_and_key(home, running)
        session = boto3.Session(
            found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], None, running.region
        )
        yield {
            name: session.client(name, endpoint_url=running.url)
            for name in ("sagemaker", "s3", "logs")
        }
    finally:
        launch.stop(home)


def _started(home: Home) -> None:
    launch.start(home, ["--port", "0"], detach=False)
    launch.stop(home)


def _start_row(times: dict[str, float]) -> Row:
    ratio = times["whole"] / times["empty"]
    return _ratio_row(
        f"start and stop with {OBJECTS:,} objects and {JOBS:,} jobs",
        f"{times['whole']:.2f} s (a tenth of them: {times['tenth']:.2f} s)",
        f"with nothing {times['empty']:.2f} s",
        ratio,
        2,
    )


def _ratio_row(what: str, measured: str, reference: str, ratio: float, budget: float) -> Row:
    return Row(what, measured, reference, f"{ratio:.2f}", f"≤ {budget}", ratio <= budget)


def _row(what: str, both: tuple[Clients, Clients], call: Callable[[Clients], int]) -> Row:
    counts = [call(clients) for clients in both]
    assert counts[1] == _TENTH * counts[0], counts
    times = turns(3, tenth=lambda: call(both[0]), whole=lambda: call(both[1]))
    exponent = math.log(times["whole"] / times["tenth"], _TENTH)
    return Row(
        f"{what}, page by page",
        f"{times['whole']:.2f} s",
        f"a tenth of them {times['tenth']:.2f} s",
        f"exponent {exponent:.2f}",
        "≤ 1.15",
        exponent <= 1.15,
    )


def _page_row(both: tuple[Clients, Clients]) -> Row:
    def page(clients: Clients) -> None:
        clients["sagemaker"].list_training_jobs(MaxResults=100)

    times = turns(15, tenth=lambda: page(both[0]), whole=lambda: page(both[1]))
    ratio = times["whole"] / times["tenth"]
    return _ratio_row(
        f"one page of {JOBS:,} training jobs",
        f"{1000 * times['whole']:.1f} ms",
        f"of a tenth of them {1000 * times['tenth']:.1f} ms",
        ratio,
        1.3,
    )


def _all_jobs(clients: Clients) -> int:
    pages = clients["sagemaker"].get_paginator("list_training_jobs")
    return sum(
        len(page["TrainingJobSummaries"])
        for page in pages.paginate(PaginationConfig={"PageSize": 100})
    )


def _all_objects(clients: Clients) -> int:
    pages = clients["s3"].get_paginator("list_objects_v2")
    return sum(page["KeyCount"] for page in pages.paginate(Bucket=_GROUP))


def _write_log(clients: Clients, lines: int) -> None:
    logs = clients["logs"]
    logs.create_log_group(logGroupName=_GROUP)
    logs.create_log_stream(logGroupName=_GROUP, logStreamName=_GROUP)
    now = int(time.time() * 1000)
    for start in range(0, lines, 10_000):
        numbers = range(start, start + 10_000)
        events = [{"timestamp": now, "message": f"[{n}] train-rmse:0.{n}"} for n in numbers]
        logs.put_log_events(logGroupName=_GROUP, logStreamName=_GROUP, logEvents=events)


def _whole_log(clients: Clients) -> int:
    count, token = 0, {}
    while True:
        page = clients["logs"].get_log_events(
            logGroupName=_GROUP, logStreamName=_GROUP, startFromHead=True, **token
        )
        if not page["events"]:
            return count
        count += len(page["events"])
        token = {"nextToken": page["nextForwardToken"]}


def fill(home: Home, jobs: int, objects: int) -> None:
    """Fills a state directory that no server runs on."""
    from moto.s3.models import s3_backends

    from labcloud.aws.s3.changes import Changes, noted
    from labcloud.aws.s3.vault import Vault
    from labcloud.server import ACCOUNT
    from labcloud.state.records import Records

    home.create()
    vault = Vault(ACCOUNT, home.path)
    backend: Any = s3_backends[ACCOUNT]["aws"]
    changes = Changes()
    with noted(changes):
        backend.create_bucket(_GROUP, "us-east-1")
        for number in range(objects):
            backend.put_object(_GROUP, f"data/{number:06}", b"x")
    vault.save(changes)
    vault.close()
    source = Path(os.environ["LABCLOUD_HOME"]) / "records.sqlite"
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as database:
        (text,) = database.execute(
            "SELECT body FROM records WHERE kind = 'training-job' LIMIT 1"
        ).fetchone()
    record = json.loads(text)
    records = Records(home.records)
    records._database.execute("BEGIN")
    for number in range(jobs):
        name = f"job-{number:06}"
        arn = record["TrainingJobArn"].rpartition("/")[0] + f"/{name}"
        copy = record | {"TrainingJobName": name, "TrainingJobArn": arn}
        records.insert("training-job", name, copy | {"CreationTime": 1.7e9 + number})
    records._database.execute("COMMIT")
    records.close()


if __name__ == "__main__":
    fill(Home(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3]))
