"""A stored notebook holds what a reader sees and nothing of the machine that ran it."""

from __future__ import annotations

from typing import Any

# Cell metadata that means something to the course; the rest is the editor's.
_KEPT = ("tags", "jupyter")


def normalise(notebook: Any) -> Any:
    """Strips volatile metadata from an executed notebook (in place) and returns it.

    Kernel `python3`, no timings, no widget state, cells numbered from 1; outputs stay.
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
                output.metadata = {}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook
