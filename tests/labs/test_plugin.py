"""The plugin for notebooks: they run in the environment of whoever tests them, at a labcloud."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
PYTEST = [sys.executable, "-m", "pytest"]
SEEN = """\
import os
assert os.environ["LAB_TEST_MARK"] == "here"
assert os.environ["PATH"] == {path!r}
assert os.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
assert os.environ["LABCLOUD_ENGINE"] == {engine!r}"""


@pytest.mark.parametrize(
    ("asked", "engine"), [({}, "process"), ({"LABCLOUD_ENGINE": "auto"}, "auto")]
)
def test_a_notebook_sees_the_environment_of_its_tests(
    asked: dict[str, str], engine: str, tmp_path: Path
) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("LABCLOUD_ENGINE",)}
    environment |= {"LAB_TEST_MARK": "here", "PYTHONPATH": str(ROOT), **asked}
    code = SEEN.format(path=environment["PATH"], engine=engine)
    notebook = new_notebook(cells=[new_code_cell(code, execution_count=1)])
    notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "", "language": ""}}
    (tmp_path / "container").mkdir()
    folder = tmp_path / "labs" / "99-seen"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "seen.ipynb")
    done = subprocess.run(
        [*PYTEST, "-p", "tests.labs.plugin", "--nbval", "-k", "Cell", folder],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
