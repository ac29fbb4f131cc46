"""What the documents say is what there is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labcloud.sagemaker.operations import OPERATIONS
from labcloud.version import DOCUMENTATION

ROOT = Path(__file__).parents[2]
# Of a line in a terminal or an editor (characters).
LONGEST = 140
# A line a word, and a line a function: a program reads or writes them.
BY_LINES = ("glossary.md", "labhelpers.md")
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / ".github").rglob("*.md")),
    ROOT / "container" / "README.md",
    *sorted((ROOT / "labs").glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "labcloud" / "README.md",
    *sorted((ROOT / "labcloud" / "docs").rglob("*.md")),
]


def test_every_operation_is_listed_and_no_other() -> None:
    listed = re.findall(
        r"^- `(\w+)`$", (ROOT / "labcloud" / "docs" / "operations.md").read_text(), re.M
    )
    assert listed == sorted(OPERATIONS)


def test_every_command_of_lab_is_in_the_readme() -> None:
    helped = subprocess.run(
        [sys.executable, str(ROOT / "lab"), "--help"], capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^    (\w+)  ", helped, re.M)
    assert len(commands) >= 8
    readme = (ROOT / "README.md").read_text()
    for command in commands:
        assert f"`./lab {command}" in readme, command


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize(
    "document",
    [path for path in DOCUMENTS if path.name not in BY_LINES],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_lines_can_be_read_in_a_terminal(document: Path) -> None:
    """But for tables, code and pictures, whose lines cannot be broken."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.M | re.S)
    kept = [line for line in text.splitlines() if not line.startswith(("|", "![", "[!["))]
    # An address cannot be broken, either.
    shown = [re.sub(r"\]\(\S+\)", "]", line) for line in kept]
    assert [line for line in shown if len(line) > LONGEST] == []


def test_the_readme_of_labcloud_can_be_read_on_a_package_index() -> None:
    """Its links are whole, lead to files that are there, and so do those of the messages."""
    readme = (ROOT / "labcloud" / "README.md").read_text()
    address = DOCUMENTATION.removesuffix("labcloud/docs")
    links = re.findall(r"\]\(([^)]+)\)", readme)
    assert len(links) >= 6
    for link in links:
        assert link.startswith(address), link
        # A picture is named as what the browser is to draw.
        path = link.removeprefix(address).removesuffix("?raw=true")
        assert (ROOT / path).is_file(), link
    declared = (ROOT / "labcloud" / "pyproject.toml").read_text()
    assert f'Changelog = "{address}CHANGELOG.md"' in declared


def test_every_lab_is_in_both_indexes() -> None:
    for lab in sorted((ROOT / "labs").glob("[0-9][0-9]-*")):
        assert lab.name in (ROOT / "README.md").read_text()
        assert lab.name in (ROOT / "labs" / "README.md").read_text()


def test_notebooks_are_valid_and_name_no_machine() -> None:
    for path in (ROOT / "labs").glob("*/*.ipynb"):
        text = path.read_text()
        assert json.loads(text)["nbformat"] == 4
        assert str(ROOT) not in text
        assert "/tmp/" not in text
