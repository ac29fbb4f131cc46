"""What has become of a training in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass
class Trained:
    """A training job that has ended: its exit code, its output and its /opt/ml."""

    code: int
    log: str
    root: Path

    @property
    def failure(self) -> str:
        return (self.root / "output" / "failure").read_text()
