"""labcloud is a package of its own: it declares what it imports, and knows no program above it."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
SOURCE = PROJECT / "src" / "labcloud"
# What the course says of itself. `notebook-instance` and the like are resources of SageMaker.
COURSE = re.compile(r"\./lab\b|labhelpers|\blabs?\b|\bcourse\b|\bnotebooks?\b", re.I)
# The address of the project holds the name of its repository.
_NOT_OURS = re.compile(r"sagemaker-labs")
# The client's own: a program that uses them finds a labcloud, and labcloud does not need them.
_NEVER = {"sagemaker", "pandas", "jupyter", "jupyterlab", "IPython", "ipykernel", "nbformat"}


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def room(path: Path) -> str:
    """The room of a file: the first folder below the package, or the module itself."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def declared() -> set[str]:
    """The distributions that pyproject.toml names, in the form that package indexes use."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    names = (re.split(r"[^\w.-]", each)[0] for each in project["dependencies"])
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def test_everything_that_is_imported_is_declared() -> None:
    distributions = importlib.metadata.packages_distributions()
    missing = set()
    for path in sources():
        for module in imported(path):
            top = module.partition(".")[0]
            if top in sys.stdlib_module_names or top == "labcloud":
                continue
            names = {re.sub(r"[-_.]+", "-", name).lower() for name in distributions[top]}
            # The plugin that pytest loads is the only one that imports pytest.
            if not names & declared() and (top, room(path)) != ("pytest", "testing"):
                missing.add(f"{path.relative_to(SOURCE)}: {top}")
    assert not missing


@pytest.mark.parametrize("name", sorted(_NEVER))
def test_it_does_without_its_clients_libraries(name: str) -> None:
    assert [
        path for path in sources() if any(m.partition(".")[0] == name for m in imported(path))
    ] == []


def test_only_the_room_of_other_services_knows_moto() -> None:
    knows = {room(path) for path in sources() if any(m.startswith("moto") for m in imported(path))}
    assert knows == {"aws"}


# Who stands below knows nothing of who stands above.
_BELOW = {
    "state": {"state", "version"},
    "client": {"client", "state"},
    "algorithms": {"algorithms"},
}


@pytest.mark.parametrize("below", _BELOW)
def test_the_arrows_point_down(below: str) -> None:
    used = {
        module.split(".")[1]
        for path in sources()
        if room(path) == below
        for module in imported(path)
        if module.startswith("labcloud.")
    }
    assert used <= _BELOW[below]


def test_it_says_no_word_of_a_course() -> None:
    texts = [*sources(), PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]
    said = [
        f"{path.relative_to(PROJECT)}:{number}: {line.strip()}"
        for path in texts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if COURSE.search(_NOT_OURS.sub("", line))
    ]
    assert said == []
