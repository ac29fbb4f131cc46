"""`lab`, which is a script without an ending, as a module."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

LAB = Path(__file__).parents[2] / "lab"


def lab_script() -> Any:
    """A new module each time: a test may change it."""
    loader = importlib.machinery.SourceFileLoader("lab_script", str(LAB))
    spec = importlib.util.spec_from_loader("lab_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    # What it compiles to would lie beside it.
    with patch.object(sys, "dont_write_bytecode", True):
        loader.exec_module(module)
    return module
