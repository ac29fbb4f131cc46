"""Removes from a notebook what depends on the machine that ran it; what a reader sees stays."""

from __future__ import annotations

from typing import Any

# The course uses these keys of a cell's metadata; the editor writes the others.
_KEPT = ("tags", "jupyter")


def normalise(notebook: Any) -> Any:
    """Removes metadata that changes from run to run (in place) and returns the notebook.

    The kernel is `python3`, there are no timings and no widget state, and the cells are numbered
    from 1. The outputs stay, and so do the alternative texts of their pictures.
    """
    notebook.metadata = {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    count = 0
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"
        cell.metadata = {name: cell.metadata[name] for name in _KEPT if name in cell.metadata}
        if cell.cell_type != "code":
            continue
        if cell.source.strip():
            count += 1
            cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
            if "metadata" in output:
                output.metadata = _alternative_texts(output.metadata)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _alternative_texts(metadata: Any) -> dict[str, dict[str, str]]:
    """What the metadata of an output says about its pictures for people who do not see them."""
    return {
        kind: {"alt": about["alt"]}
        for kind, about in metadata.items()
        if isinstance(about, dict) and "alt" in about
    }
