"""The cells of exercises in a notebook: which they are, and what an answer in their blank gives."""

from __future__ import annotations

import copy
import importlib.util
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from labhelpers import Exercises

_TAG = re.compile(r"exercise-(\d+)")


def load_exercises(path: Path) -> Exercises:
    """The exercises beside a notebook; none where there is no such file."""
    source = path.parent / "exercises.py"
    if not source.exists():
        return Exercises()
    spec = importlib.util.spec_from_file_location(f"exercises of {path.parent.name}", source)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # As in a notebook, what they import lies beside them.
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    found: Exercises = module.exercises
    return found


def exercise_number(cell: Any) -> int | None:
    """The number of the exercise that a cell is for."""
    for tag in cell.metadata.get("tags", []):
        if found := _TAG.fullmatch(tag):
            return int(found[1])
    return None


def python_of(source: str) -> str:
    """The code of a cell as Python alone: lines that begin with ! or % are calls of IPython's."""
    manager = TransformerManager()  # type: ignore[no-untyped-call]
    return str(manager.transform_cell(source))


def blank(number: int) -> str:
    """The line of an exercise's cell that an answer replaces."""
    return f"answer_{number} = ..."


def answered(cell: Any, number: int, answer: str) -> Any:
    """A copy of an exercise's cell with an answer in its blank, not run yet."""
    found = copy.deepcopy(cell)
    found.source = cell.source.replace(blank(number), answer)
    found.outputs = []
    return found


def said(outputs: Iterable[Any]) -> str:
    """The plain text of a cell's outputs: what it printed and what it showed."""
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in outputs
    )
