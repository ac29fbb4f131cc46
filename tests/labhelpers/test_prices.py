"""Every machine that a lab asks for has a price."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from labhelpers.prices import HOURLY, hourly

LABS = Path(__file__).parents[2] / "labs"


def test_a_price_is_by_the_hour_and_machine() -> None:
    assert hourly("ml.m5.large") == 0.115
    assert hourly("ml.m5.large", 3) == pytest.approx(0.345)


@pytest.mark.parametrize("unknown", ["ml.p5.48xlarge", "", None])
def test_what_is_not_in_the_list_has_no_price(unknown: str | None) -> None:
    assert hourly(unknown, 2) is None


def test_the_labs_use_machines_of_the_list_only() -> None:
    cells = [
        cell.source
        for path in LABS.glob("*/*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    ]
    used = set(re.findall(r"\bml\.\w+\.\w+", "\n".join(cells)))
    assert used
    assert used <= set(HOURLY)
