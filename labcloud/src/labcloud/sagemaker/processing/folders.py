"""The folder that a processing container finds at /opt/ml.

Follows "How Amazon SageMaker AI Processing Configures Your Processing Container" of the developer
guide.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labcloud.containers.contract import Contract
from labcloud.state.trees import open_file

# What SageMaker lays over the image's folders below /opt/ml.
MOUNTED = ("processing", "config", "output")
_MESSAGE = "output/message"
_CHARACTERS = 1024


class Folders(Contract):
    """One processing container's /opt/ml, at `root`."""

    def create(self) -> None:
        """Makes all folders, private to this user."""
        self.root.mkdir(mode=0o700, parents=True)
        for name in (*MOUNTED, "tmp"):
            (self.root / name).mkdir()

    def place(self, path: str) -> Path:
        """Where a LocalPath lies; the folder is there afterwards. Blocking."""
        found = self.root / self.below(path)
        found.mkdir(parents=True, exist_ok=True)
        return found

    def write_config(self, request: dict[str, Any]) -> None:
        """The JSON files of /opt/ml/config."""
        files = {
            "processingjobconfig.json": request,
            "resourceconfig.json": {"current_host": "algo-1", "hosts": ["algo-1"]},
        }
        for name, content in files.items():
            (self.root / "config" / name).write_text(json.dumps(content))

    def message(self) -> str:
        """The first 1,024 characters of output/message, or an empty string. Blocking."""
        try:
            with open_file(self.root, _MESSAGE) as file:
                content = file.read(4 * _CHARACTERS)
        except OSError:
            return ""
        return content.decode(errors="replace")[:_CHARACTERS]
