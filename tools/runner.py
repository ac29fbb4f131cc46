"""Runs the labs' notebooks without a browser: `python -m tools.runner run|refresh [01 …]`.

`run` writes the executed notebook and an HTML page to build/. `refresh` stores the outputs in the
notebook itself, normalised. Both show a progress bar by cell, and the cell that failed. The working
directory is the course's folder.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm

from labhelpers import clean_up, connect
from labhelpers.errors import LabError
from labhelpers.learner import VARIABLE, learner
from tools.normalise import normalise
from tools.streams import joined

# A cell may wait for a job on AWS (seconds).
_CELL_SECONDS = 1800
# nbconvert's page shows code in Markdown, highlighted, in the font of the text.
_CODE_STYLE = "<style>.jp-RenderedMarkdown pre { font-family: monospace; }</style>\n</head>"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 if a notebook failed, 2 if there is no such lab."""
    parser = argparse.ArgumentParser(prog="tools.runner", description=__doc__)
    parser.add_argument("verb", choices=("run", "refresh"))
    parser.add_argument("labs", nargs="*", help="numbers (01, 02b) or folder names; default: all")
    options = parser.parse_args(arguments)
    root = Path.cwd()
    notebooks = asked_for(root, options.labs)
    if notebooks is None:
        return 2
    # What is stored is nobody's in particular. A run leaves alone what the learner has running.
    os.environ[VARIABLE] = "ana" if options.verb == "refresh" else f"run{learner()}"
    failed = [path for path in notebooks if not _do(options.verb, path, root / "build")]
    done = len(notebooks) - len(failed)
    print(f"{done} of {len(notebooks)} notebooks ran to the end.")
    return 1 if failed else 0


def asked_for(root: Path, wanted: list[str]) -> list[Path] | None:
    """The notebooks of these labs; None, after a sentence on it, if there is no such lab."""
    try:
        return list(find(root / "labs", wanted))
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return None


def find(labs: Path, wanted: list[str]) -> Iterator[Path]:
    """The notebooks of the wanted labs, in order. Raises LookupError for an unknown lab."""
    everything = sorted(
        path for path in labs.glob("*/*.ipynb") if ".ipynb_checkpoints" not in path.parts
    )
    for want in wanted:
        if not any(_is(path, want) for path in everything):
            known = ", ".join(path.stem for path in everything)
            raise LookupError(f"There is no lab {want!r}. There are: {known}")
    yield from (path for path in everything if not wanted or any(_is(path, w) for w in wanted))


def _is(path: Path, want: str) -> bool:
    # 1 is as good as 01.
    want = f"0{want}" if len(want) == 1 and want.isdigit() else want
    return path.stem.startswith(want) or path.parent.name.startswith(want)


def _do(verb: str, path: Path, build: Path) -> bool:
    began = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    problem = execute(notebook, path.parent, path.stem)
    if problem:
        print(f"\n{path.stem} failed.\n{problem}\n", file=sys.stderr)
        _end(path.stem)
    if verb == "refresh" and not problem:
        nbformat.write(normalise(notebook), path)
    if verb == "run":
        build.mkdir(exist_ok=True)
        nbformat.write(notebook, build / path.name)
        (build / f"{path.stem}.html").write_text(_html(notebook, path))
        print(f"{path.stem}: {time.monotonic() - began:.1f} s, build/{path.stem}.html")
    return not problem


def execute(notebook: Any, folder: Path, title: str = "") -> str | None:
    """Executes a notebook in place, in a folder. Returns what went wrong, or None."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    with tqdm(total=len(cells), desc=title, unit="cell", leave=False, disable=None) as bar:
        client = NotebookClient(
            notebook,
            timeout=_CELL_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            on_cell_executed=lambda **_: bar.update(),
        )
        try:
            client.execute()
        except CellExecutionError as error:
            return _failure(notebook, error)
        except (CellTimeoutError, DeadKernelError) as error:
            return str(error)
        except Exception as error:
            # nbclient ends the kernel at Ctrl-C, and then does not find it.
            return f"It was stopped, or its kernel failed ({type(error).__name__})."
        finally:
            for cell in cells:
                cell.outputs = joined(cell.outputs)
    return None


def _end(name: str) -> None:
    """Ends what a notebook has started that did not come to its clean-up."""
    with contextlib.suppress(LabError):
        clean_up(connect(name))


def _failure(notebook: Any, error: CellExecutionError) -> str:
    """The code of the failed cell, and the error without the kernel's own stack frames."""
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                trace = _ANSI.sub("", output.traceback[-1]) if output.traceback else ""
                return f"Cell {number}:\n\n{_indented(cell.source)}\n\n{trace or error}"
    return str(error)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _html(notebook: Any, path: Path) -> str:
    """One HTML page that contains its pictures."""
    from nbconvert import HTMLExporter

    from tools.printing.pages import embedded

    body, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    return embedded(str(body).replace("</head>", _CODE_STYLE, 1), path.parent)


if __name__ == "__main__":
    raise SystemExit(main())
