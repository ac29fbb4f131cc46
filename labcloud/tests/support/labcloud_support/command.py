"""The command `labcloud` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def labcloud(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs `labcloud WORDS` on a state directory, with these variables in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "labcloud", *words],
        env=os.environ | {"LABCLOUD_HOME": str(folder)} | variables,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
