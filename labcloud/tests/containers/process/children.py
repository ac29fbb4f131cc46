"""What the nursery's tests run in its children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path


def show(*arguments: Path) -> int:
    print(*arguments)
    print(dict(os.environ))
    print("on stderr", file=sys.stderr)
    return 7


def fail() -> int:
    raise ValueError("on purpose")


def forever() -> int:
    signal.pause()
    return 0


def with_grandchild() -> int:
    print(subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]).pid)
    signal.pause()
    return 0


def with_hidden_grandchild() -> int:
    """A grandchild that no group and no parent lead to: its own session, its parent ended."""
    code = (
        "import os, signal\n"
        "if os.fork(): os._exit(0)\n"
        "os.setsid()\n"
        "print(os.getpid(), flush=True)\n"
        "signal.pause()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    signal.pause()
    return 0


def show_threads() -> int:
    """How many threads each library that computes in parallel would use."""
    from threadpoolctl import threadpool_info

    print([pool["num_threads"] for pool in threadpool_info()])
    return 0
