"""Where a container's folders are: in /opt/ml, or where SAGEMAKER_BASE_DIR says."""

from __future__ import annotations

import os
from pathlib import Path

ML = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
CODE = ML / "code"
CONFIG = ML / "input" / "config"
DATA = ML / "input" / "data"
INPUT = ML / "input"
MODEL = ML / "model"
OUTPUT = ML / "output"
