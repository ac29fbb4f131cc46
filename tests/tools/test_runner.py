"""Notebooks run without a browser, and one that fails says which cell and why."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.runner import execute, find, main

ROOT = Path(__file__).parents[2]


def notebook(*sources: str) -> Any:
    return new_notebook(cells=[new_code_cell(source) for source in sources])


@pytest.fixture
def labs(tmp_path: Path) -> Path:
    """Two labs, one of them in two parts, and what an editor leaves beside them."""
    for name in ("01-iris/01-iris", "02-batch/02-batch", "02-batch/02b-boston"):
        path = tmp_path / "labs" / f"{name}.ipynb"
        for folder in (path.parent, path.parent / ".ipynb_checkpoints"):
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook("print(6 * 7)"), folder / path.name)
    return tmp_path / "labs"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], ["01-iris", "02-batch", "02b-boston"]),
        (["01"], ["01-iris"]),
        (["1"], ["01-iris"]),
        (["02b"], ["02b-boston"]),
        (["02"], ["02-batch", "02b-boston"]),
        (["02-batch", "01"], ["01-iris", "02-batch", "02b-boston"]),
    ],
)
def test_labs_are_found_by_number_or_folder(
    labs: Path, wanted: list[str], found: list[str]
) -> None:
    assert [path.stem for path in find(labs, wanted)] == found


def test_a_lab_that_is_not_there(labs: Path) -> None:
    with pytest.raises(LookupError, match=r"no lab '9'\. There are: 01-iris, 02-batch, 02b-boston"):
        list(find(labs, ["01", "9"]))


def test_a_notebook_that_passes_has_its_outputs(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("beside the notebook")
    passing = notebook("text = open('data.txt').read()", "text")
    assert execute(passing, tmp_path) is None
    assert passing.cells[1].outputs[0].data["text/plain"] == "'beside the notebook'"


def test_a_failure_quotes_the_cell_and_the_error(tmp_path: Path) -> None:
    failing = notebook("x = 0", "y = 1\ny / x", "print('never')")
    assert execute(failing, tmp_path) == (
        "Cell 2:\n\n    y = 1\n    y / x\n\nZeroDivisionError: division by zero"
    )
    assert failing.cells[2].outputs == []


def test_the_error_is_that_of_this_run(tmp_path: Path) -> None:
    failing = notebook("1", "2 / 0")
    assert execute(failing, tmp_path) is not None
    failing.cells[1].source = "2"
    failing.cells[0].source = "undefined"
    assert execute(failing, tmp_path) == (
        "Cell 1:\n\n    undefined\n\nNameError: name 'undefined' is not defined"
    )


def test_a_kernel_that_dies(tmp_path: Path) -> None:
    dying = notebook("import os\nos._exit(1)")
    assert "Kernel died" in str(execute(dying, tmp_path))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.runner", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_page_holds_its_pictures(labs: Path) -> None:
    (labs.parent / "images").mkdir()
    (labs.parent / "images" / "box.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    shown = "![A box](../../images/box.svg) ![Not there](missing.png)"
    nbformat.write(
        new_notebook(cells=[new_markdown_cell(shown)]), labs / "01-iris" / "01-iris.ipynb"
    )
    assert run(labs.parent, "run", "01").returncode == 0
    page = (labs.parent / "build" / "01-iris.html").read_text()
    head, _, _ = page.partition("</head>")
    assert ".jp-RenderedMarkdown pre { font-family: monospace; }" in head
    assert 'src="data:image/svg+xml;base64,' in page
    assert 'src="missing.png"' in page


def test_run_leaves_a_notebook_and_a_page(labs: Path) -> None:
    done = run(labs.parent, "run", "01")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1 of 1 notebooks ran to the end."
    assert "42" in (labs.parent / "build" / "01-iris.html").read_text()
    stored = nbformat.read(labs / "01-iris" / "01-iris.ipynb", as_version=4)
    assert stored.cells[0].outputs == []


def test_refresh_stores_the_outputs(labs: Path) -> None:
    done = run(labs.parent, "refresh", "01")
    assert done.returncode == 0, done.stderr
    stored = nbformat.read(labs / "01-iris" / "01-iris.ipynb", as_version=4)
    assert stored.cells[0].outputs[0].text == "42\n"
    assert stored.cells[0].id == "cell-00"


def test_refresh_leaves_a_notebook_that_fails_as_it_was(labs: Path) -> None:
    path = labs / "02-batch" / "02-batch.ipynb"
    nbformat.write(notebook("1 / 0"), path)
    before = path.read_bytes()
    done = run(labs.parent, "refresh", "02-batch")
    assert done.returncode == 1
    assert "02-batch failed.\nCell 1:\n\n    1 / 0" in done.stderr
    assert done.stdout.splitlines()[-1] == "1 of 2 notebooks ran to the end."
    assert path.read_bytes() == before


def test_a_number_that_is_no_lab_is_status_2(
    labs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(labs.parent)
    assert main(["run", "77"]) == 2
    assert capsys.readouterr().err.startswith("There is no lab '77'.")
