"""Where a container's folders are: in /opt/ml, or where SAGEMAKER_BASE_DIR says."""

from __future__ import annotations

import os
from pathlib import Path

_ML = "/opt/ml/"
ML = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
CODE = ML / "code"
CONFIG = ML / "input" / "config"
DATA = ML / "input" / "data"
INPUT = ML / "input"
MODEL = ML / "model"
OUTPUT = ML / "output"


def here(place: str) -> str:
    """Where a path of the container lies: below ML what is below /opt/ml."""
    return str(ML / place.removeprefix(_ML)) if place.startswith(_ML) else place
