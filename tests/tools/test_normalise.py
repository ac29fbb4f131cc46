"""A stored notebook keeps what a reader sees, and loses what the machine left in it."""

from __future__ import annotations

import copy
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.normalise import normalise


@pytest.fixture
def notebook() -> Any:
    """As an editor leaves it: kernel, timings, collapsed cells, numbers out of order."""
    printed = new_output("stream", name="stdout", text="1\n")
    shown = new_output(
        "execute_result", data={"text/plain": "2"}, execution_count=9, metadata={"took": "1 s"}
    )
    code = new_code_cell("print(1)\n2", execution_count=9, outputs=[printed, shown])
    code.metadata = {
        "tags": ["exercise-1"],
        "jupyter": {"source_hidden": True},
        "execution": {"iopub.status.busy": "2026-01-01T00:00:00Z"},
        "collapsed": True,
    }
    return new_notebook(
        cells=[
            new_markdown_cell("# Title", metadata={"slideshow": {}}),
            code,
            new_code_cell(""),
            new_code_cell("3", execution_count=4),
        ],
        metadata={
            "kernelspec": {"name": "conda-env-x", "display_name": "x", "language": "python"},
            "instance_type": "ml.t3.medium",
            "widgets": {"state": {}},
            "language_info": {"name": "python", "version": "3.11.7"},
        },
    )


def test_the_kernel_is_python3_and_nothing_else_is_said(notebook: Any) -> None:
    metadata = normalise(notebook).metadata
    assert set(metadata) == {"kernelspec", "language_info"}
    assert metadata["kernelspec"]["name"] == "python3"
    assert metadata["language_info"] == {"name": "python"}


def test_cells_keep_their_tags_and_lose_the_rest(notebook: Any) -> None:
    title, code, *_ = normalise(notebook).cells
    assert title.metadata == {}
    assert code.metadata == {"tags": ["exercise-1"], "jupyter": {"source_hidden": True}}


def test_sources_and_outputs_stay(notebook: Any) -> None:
    before = copy.deepcopy(notebook)
    normalise(notebook)
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in before.cells]
    printed, shown = notebook.cells[1].outputs
    assert printed == before.cells[1].outputs[0]
    assert shown.data == {"text/plain": "2"}
    assert shown.metadata == {}


def test_pictures_keep_their_alternative_text_and_nothing_else(notebook: Any) -> None:
    shown = notebook.cells[1].outputs[1]
    shown.metadata = {"image/png": {"alt": "A line.", "width": 640}, "needs_background": "light"}
    normalise(notebook)
    assert shown.metadata == {"image/png": {"alt": "A line."}}


def test_cells_are_numbered_from_1_and_empty_ones_not_at_all(notebook: Any) -> None:
    counts = [cell.get("execution_count") for cell in normalise(notebook).cells]
    assert counts == [None, 1, None, 2]
    assert notebook.cells[1].outputs[1].execution_count == 1


def test_the_result_is_a_valid_notebook_and_the_same_twice(notebook: Any) -> None:
    once = copy.deepcopy(normalise(notebook))
    nbformat.validate(once)
    assert (once.nbformat, once.nbformat_minor) == (4, 5)
    assert normalise(notebook) == once
