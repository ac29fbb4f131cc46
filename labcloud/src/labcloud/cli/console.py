"""The command that opens the console."""

from __future__ import annotations

import argparse
import sys
import webbrowser

from labcloud.cli.servers import NOT_RUNNING
from labcloud.client import launch, report
from labcloud.state.home import Home


def console(options: argparse.Namespace) -> int:
    """Prints an address that opens the console once, and opens it in the browser."""
    home = Home.default()
    running = launch.awaited(home)
    if running is None:
        print(f"{NOT_RUNNING} labcloud start starts it.", file=sys.stderr)
        return 3
    found = report.ask(home, running, "POST", "/console")
    address = f"{running.url}{found['Path']}?token={found['Token']}"
    print(f"The console (this address opens it once): {address}", flush=True)
    if not options.no_browser:
        webbrowser.open(address)
    return 0
