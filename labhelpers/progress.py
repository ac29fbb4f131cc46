"""Notes how far a learner is, for the instructor of a room, where LAB_PROGRESS names a folder.

Without LAB_PROGRESS nothing is noted anywhere. A note says which notebook and cell, which exercises
are solved after how many tries, which endpoints are there, and when. It holds no answer and no
code. docs/classroom/README.md says who can read it.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from IPython.core.getipython import get_ipython

from labhelpers.lab import NOTEBOOK, PREFIX, Lab

# The folder. The learner may write there, and the instructor read.
VARIABLE = "LAB_PROGRESS"
# A labcloud that does not answer holds no cell up (seconds).
_PATIENCE = 2
_note: _Note | None = None


def follow(lab: Lab) -> None:
    """Notes every cell of this notebook that has run, from now on."""
    global _note
    folder = os.environ.get(VARIABLE)
    _note = _Note(lab, Path(folder)) if folder and NOTEBOOK.fullmatch(lab.name) else None
    if _note and (shell := get_ipython()):
        shell.events.register("post_run_cell", _cell_has_run)


def tried(number: int, word: str) -> None:
    """Notes the verdict on an exercise. What was not attempted or not checked is no try."""
    # Nothing that goes wrong with a note is in the way of a lab.
    with contextlib.suppress(Exception):
        if _note and word in ("correct", "not yet"):
            _note.tried(number, word == "correct")


def _cell_has_run(result: Any) -> None:
    with contextlib.suppress(Exception):
        if _note:
            _note.ran(getattr(result.info, "cell_id", None))


class _Note:
    """The note on one notebook, a file in the folder. A new kernel goes on with it."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self._path = folder / f"{lab.name}.json"
        self._known: dict[str, Any] = {"at": "", "failed": 0, "exercises": {}, "endpoints": []}
        with contextlib.suppress(OSError, ValueError, TypeError):
            self._known |= json.loads(self._path.read_text())
        self._prefix = f"{PREFIX}{lab.learner}-"
        # On AWS, the instructor asks AWS.
        self._sagemaker = lab.is_local and lab.session.boto_session.client(
            "sagemaker",
            config=Config(
                connect_timeout=_PATIENCE, read_timeout=_PATIENCE, retries={"total_max_attempts": 1}
            ),
        )

    def tried(self, number: int, solved: bool) -> None:
        """`failed` counts the tries in a row that were not correct."""
        before = self._known["exercises"].get(str(number), {"tries": 0, "solved": False})
        self._known["exercises"][str(number)] = {
            "tries": before["tries"] + 1,
            "solved": before["solved"] or solved,
        }
        self._known["failed"] = 0 if solved else self._known["failed"] + 1
        self._write()

    def ran(self, cell: str | None) -> None:
        self._known["at"] = cell or self._known["at"]
        self._known["endpoints"] = self._endpoints()
        self._write()

    def _endpoints(self) -> list[str]:
        """The names of the learner's endpoints, of this notebook and of others."""
        if not self._sagemaker:
            return []
        try:
            found = self._sagemaker.list_endpoints(NameContains=self._prefix, MaxResults=100)
        except (BotoCoreError, ClientError):
            return []
        return [endpoint["EndpointName"] for endpoint in found["Endpoints"]]

    def _write(self) -> None:
        """All or nothing, and readable for the group of the folder and nobody else."""
        handle, half = tempfile.mkstemp(dir=self._path.parent, prefix=".half-")
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(self._known | {"time": int(time.time())}, file)
                os.fchmod(handle, 0o640)
            os.replace(half, self._path)
        except OSError:
            os.unlink(half)
