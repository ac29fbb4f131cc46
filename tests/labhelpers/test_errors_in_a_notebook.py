"""What a learner sees of an error: a sentence, and no traceback of what they did not write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import v4

from labcloud import LocalAWS

CONNECT = "from labhelpers import connect, watch\nlab = connect('99-tests')"
GONE = "import os\nos.environ['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1'\n"


@pytest.fixture
def shown(labcloud: LocalAWS) -> Iterator[object]:
    """Runs cells, of which the last fails, and returns what its error shows."""

    def run(*cells: str) -> tuple[str, list[str]]:
        notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
        with pytest.raises(CellExecutionError):
            NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
        (error,) = [each for each in notebook.cells[-1].outputs if each.output_type == "error"]
        return error.ename, error.traceback

    yield run


def test_an_error_of_labhelpers_is_its_message(shown: object) -> None:
    assert callable(shown)
    name, lines = shown(CONNECT, "watch(lab, 'labs-nobody')")
    assert name == "LabError"
    assert len(lines) == 1
    assert lines[0].startswith("LabError: The training job labs-nobody cannot be watched")


@pytest.mark.parametrize(
    "call",
    ["watch(lab, 'labs-x')", "import boto3\nboto3.client('sagemaker').list_models()"],
)
def test_where_nobody_answers_there_is_a_way_out(shown: object, call: str) -> None:
    assert callable(shown)
    _, lines = shown(CONNECT, GONE + "os.environ['AWS_MAX_ATTEMPTS'] = '1'\n" + call)
    assert lines == [
        "NotConnected: http://127.0.0.1:1/ does not answer. If that is labcloud, it has been "
        "stopped: run ./lab start in a terminal, then restart this notebook's kernel. Jobs that "
        "ran have failed; what is in S3, and models and endpoints, are there again."
    ]
