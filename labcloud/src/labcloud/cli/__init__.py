"""The `labcloud` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from labcloud.cli.parser import parser
from labcloud.client import launch
from labcloud.state.format import StateUnreadable
from labcloud.state.home import Home, HomeForeign, HomeInUse, HomeUnusable


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    options = parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except (HomeForeign, HomeInUse, HomeUnusable, StateUnreadable, launch.StartFailed) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(HomeUnusable(Home.default().path, error), file=sys.stderr)
    return 1
