"""A lab that a notebook names can be reached from there."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

LABS = Path(__file__).parents[2] / "labs"
NUMBERS = {path.stem.partition("-")[0]: path for path in sorted(LABS.glob("*/*.ipynb"))}
_NAMED = re.compile(r"\blabs?\s(\d\d[a-c]?(?:(?:, | and | or | to )\d\d[a-c]?)*)", re.I)
_LINK = re.compile(r"\[[^]]*\]\(([^)]*)\)")


def without_a_link(number: str, text: str) -> set[str]:
    """The labs that the text of a notebook names and that it links nowhere."""
    linked = {
        Path(target).stem.partition("-")[0]
        for target in _LINK.findall(text)
        if target.endswith(".ipynb")
    }
    named = {
        lab
        for several in _NAMED.findall(re.sub(r"`[^`\n]+`|^#.*$", "", text, flags=re.M))
        for lab in re.findall(r"\d\d[a-c]?", several)
        if any(known.startswith(lab) for known in NUMBERS)
    }
    return {lab for lab in named if not any(one.startswith(lab) for one in linked | {number})}


@pytest.mark.parametrize("number", NUMBERS)
def test_every_lab_that_is_named_is_linked(number: str) -> None:
    cells = nbformat.read(NUMBERS[number], as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert without_a_link(number, text) == set()


def test_a_lab_without_a_link_is_noticed() -> None:
    assert without_a_link("01", "As in labs 02b and 04, and Lab\n03a. Not lab 01 or 99.") == {
        "02b", "04", "03a",
    }  # fmt: skip
    assert without_a_link("01", "As in [lab 04a](../04-x/04a-y.ipynb), lab 04.") == set()
