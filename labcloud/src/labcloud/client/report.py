"""What `labcloud status` prints of a running server."""

from __future__ import annotations

import contextlib
import json
import os
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labcloud.state.credentials import Credentials
from labcloud.state.home import Home, Running


class NotAnswering(Exception):
    """A server that is there, and gives no report."""

    def __init__(self, home: Home, running: Running, what: str, error: Exception) -> None:
        super().__init__(
            f"labcloud runs on {running.url} (process {running.pid}), and did not answer when it "
            f"was asked for its {what}: {error}. Its log is {home.log}."
        )


def lines(home: Home, running: Running) -> Iterator[str]:
    """The report, line by line. Raises NotAnswering."""
    found = ask(home, running, "GET", "/status")
    up = int(time.time() - running.started)
    yield _line("labcloud", f"{running.url} (process {running.pid}, up {_duration(up)})")
    yield _line("region", running.region)
    yield _line("state", f"{home.path} ({_size(home.path) / 1024**2:.1f} MB)")
    yield from _requirements(home.requirements)
    yield _line("engine", found["Engine"])
    for called, counts in found["Jobs"].items():
        jobs = ", ".join(f"{count} {status}" for status, count in counts.items())
        yield _line(called.removeprefix("hyperparameter ") + "s", jobs or "none")
    endpoints = ", ".join(f"{name} {status}" for name, status in found["Endpoints"].items())
    yield _line("endpoints", endpoints or "none")
    functions = ", ".join(f"{name} {state}" for name, state in found["Functions"].items())
    yield _line("functions", functions or "none")
    apis = ", ".join(f"{name} {path}" for name, path in found["APIs"].items())
    yield _line("APIs", apis or "none")


def _line(name: str, said: str) -> str:
    """In two columns; the longest name is `pipeline executions`."""
    return f"{name:<19} {said}"


def ask(home: Home, running: Running, method: str, path: str) -> dict[str, Any]:
    """The server's own word, over a signed request like every other. Raises NotAnswering."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as Key

    credentials = Credentials.load_or_create(home)
    request = AWSRequest(method=method, url=f"{running.url}{path}")
    key = Key(credentials.access_key, credentials.secret_key)
    SigV4Auth(key, "labcloud", running.region).add_auth(request)
    plain = urllib.request.Request(request.url, headers=dict(request.headers), method=method)
    try:
        with urllib.request.urlopen(plain, timeout=10) as response:
            found: dict[str, Any] = json.load(response)
    except (OSError, ValueError) as error:
        raise NotAnswering(home, running, path.removeprefix("/"), error) from error
    return found


def _duration(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours}h {minutes}m" if hours else f"{minutes}m {seconds}s" if minutes else f"{seconds}s"
    )


def _requirements(folder: Path) -> Iterator[str]:
    """How many sets of requirements are kept, if there are some."""
    kept = [each for each in folder.glob("[!.]*") if each.is_dir()]
    if kept:
        sets = f"{len(kept)} set{'s' * (len(kept) > 1)} installed for scripts"
        yield _line("requirements", f"{sets} ({_size(folder) / 1024**2:.1f} MB)")


def _size(folder: Path) -> int:
    """What the files take (bytes). Some may go while they are counted; folders may be deep."""
    total, waiting = 0, [str(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total
