"""What the tests of the stored notebooks share: each runs once for every notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from labhelpers import Exercises
from tests.labs import permissions
from tools.exercise_cells import load_exercises
from tools.runner import find

LABS = Path(__file__).parents[2] / "labs"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `path` is one for each notebook of the course."""
    if "path" in metafunc.fixturenames:
        notebooks = list(find(LABS, []))
        metafunc.parametrize("path", notebooks, ids=[path.stem for path in notebooks])


@pytest.fixture
def notebook(path: Path) -> Any:
    """A notebook as it is stored."""
    return nbformat.read(path, as_version=4)


@pytest.fixture
def exercises(path: Path) -> Exercises:
    return load_exercises(path)


@pytest.fixture
def statements(path: Path) -> list[dict[str, Any]]:
    return permissions.statements_for(path)
