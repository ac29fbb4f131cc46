"""The page of labhelpers' functions says what the source says, and leaves none out."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tools import labhelpers_page
from tools.exercise_cells import python_of

LABS = Path(__file__).parents[2] / "labs"


@pytest.fixture
def page() -> str:
    return labhelpers_page.PAGE.read_text()


def imported_by_the_labs() -> set[tuple[str, str]]:
    """What notebooks and exercises import from labhelpers: module and name."""
    sources = [path.read_text() for path in LABS.glob("*/exercises*.py")]
    for path in LABS.glob("*/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        sources += [python_of(cell.source) for cell in cells if cell.cell_type == "code"]
    return {
        (node.module, alias.name)
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        if node.module and node.module.startswith("labhelpers")
        for alias in node.names
    }


def thing(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def test_the_page_is_as_it_would_be_written_now(page: str) -> None:
    assert page == labhelpers_page.page(), "run python -m tools.labhelpers_page"


def test_everything_that_a_lab_imports_is_on_the_page(page: str) -> None:
    imported = imported_by_the_labs()
    assert ("labhelpers", "connect") in imported
    missing = [
        f"{module}.{name}"
        for module, name in sorted(imported)
        if callable(thing(module, name)) and f"from {module} import {name}\n" not in page
    ]
    assert missing == []


def test_everything_on_the_page_has_a_description(page: str) -> None:
    entries = page.split("\n### ")[1:]
    assert len(entries) > 20
    for entry in entries:
        description = entry.split("```")[2].partition("\n## ")[0].strip()
        assert description.endswith((".", "…")), entry


def test_a_signature_is_that_of_the_source(page: str) -> None:
    assert (
        "\nwatch(lab: Lab, what: Any = ..., *, logs: bool = True, every: int = 1) -> str\n" in page
    )
    assert "\nSplit(train: pd.DataFrame, validation: pd.DataFrame, test: pd.DataFrame)\n" in page
    assert "- `resource_name(label: str = '') -> str`: " in page
