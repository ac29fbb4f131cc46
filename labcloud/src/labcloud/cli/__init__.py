"""The `labcloud` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from labcloud.cli.parser import read
from labcloud.client import launch, report
from labcloud.state.format import StateUnreadable
from labcloud.state.home import Home, HomeForeign, HomeInUse, HomeUnusable

_SENTENCES = (
    HomeForeign,
    HomeInUse,
    HomeUnusable,
    StateUnreadable,
    launch.StartFailed,
    report.NotAnswering,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    options = read(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        code = command(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read this has read enough, as `head` does. Python would write the rest at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except _SENTENCES as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(_sentence(error), file=sys.stderr)
    return 1


def _sentence(error: OSError) -> str:
    home = Home.default()
    if str(error.filename or "").startswith(str(home.path)):
        return str(HomeUnusable(home.path, error))
    where = f" ({error.filename})" if error.filename else ""
    return f"labcloud could not do this: {error.strerror or error}{where}."
