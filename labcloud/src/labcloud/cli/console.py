"""The command that opens the console."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from labcloud.cli.servers import NOT_RUNNING
from labcloud.client import launch, owners, report
from labcloud.state.home import Home

# How long an address that a browser is to open at once does so, one that is printed for somebody to
# open later, and how long a browser may take to read a file (seconds).
_SOON = 5 * 60
_LATER = 12 * 3600
_PATIENCE = 30.0


def console(options: argparse.Namespace) -> int:
    """Prints an address that opens the console once, and opens it in the browser."""
    home = Home.default()
    running = launch.awaited(home)
    if running is None:
        print(f"{NOT_RUNNING} labcloud start starts it.", file=sys.stderr)
        return 3
    seconds = _LATER if options.no_browser else _SOON
    found = report.ask(home, running, "POST", f"/console?seconds={seconds}")
    address = f"{running.url}{found['Path']}?token={found['Token']}"
    print(f"The console (this address opens it once): {address}", flush=True)
    if not options.no_browser:
        waiting = f"/console/waits?token={found['Token']}"
        show(address, home.path, lambda: report.ask(home, running, "POST", waiting)["Waits"])
    return 0


def show(address: str, folder: Path, waits: Callable[[], bool]) -> None:
    """Opens an address in the browser. Everybody on this machine can read a program's words.

    Where the server knows whose program has connected, the words are of no use to others. Where it
    does not, they are those of a file that leads there, which goes when the address was used.
    """
    if owners.known():
        webbrowser.open(address)
        return
    with _leading_to(address, folder) as file:
        webbrowser.open(file.as_uri())
        deadline = time.monotonic() + _PATIENCE
        while waits() and time.monotonic() < deadline:
            time.sleep(0.1)


@contextlib.contextmanager
def _leading_to(address: str, folder: Path) -> Iterator[Path]:
    """A page that leads to an address, which only this user can read (mode 0600)."""
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix="console-", suffix=".html", encoding="utf-8"
    ) as file:
        to = escape(address)
        file.write(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>labcloud</title>'
            f'<meta http-equiv="refresh" content="0; url={to}">'
            f'<meta name="referrer" content="no-referrer"><a href="{to}">Open the console</a>\n'
        )
        file.flush()
        yield Path(file.name)
