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
