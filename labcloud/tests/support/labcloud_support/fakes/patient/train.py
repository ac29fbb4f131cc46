"""Waits until it is stopped."""

from __future__ import annotations

import signal
from pathlib import Path


def main(root: Path) -> int:
    signal.pause()
    return 0
