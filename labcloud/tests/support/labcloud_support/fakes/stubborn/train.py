"""Trains for ever; the hyperparameter `term` says what becomes of SIGTERM."""

from __future__ import annotations

import json
import signal
from pathlib import Path


def main(root: Path) -> int:
    given = json.loads((root / "input/config/hyperparameters.json").read_text())
    if given.get("term") == "ignored":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("training", flush=True)
    while True:
        signal.pause()
