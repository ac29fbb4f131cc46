"""The folder that a processing container finds at /opt/ml.

Follows "How Amazon SageMaker AI Processing Configures Your Processing Container" of the developer
guide.
"""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

from labcloud.containers.contract import ML, Contract
from labcloud.sagemaker.failures import ClientError
from labcloud.state.trees import open_file

# What SageMaker lays over the image's folders below /opt/ml.
MOUNTED = ("processing", "config", "output")
_MESSAGE = "output/message"
_BYTES = 1024


class Folders(Contract):
    """One processing container's /opt/ml, at `root`."""

    def create(self) -> None:
        """Makes all folders, private to this user."""
        self.root.mkdir(mode=0o700, parents=True)
        for name in (*MOUNTED, "tmp"):
            (self.root / name).mkdir()

    def place(self, path: str) -> Path:
        """Where a LocalPath lies; the folder is there afterwards. Blocking. Raises ClientError."""
        found = self.root / self.below(path)
        try:
            found.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise ClientError(
                f"The folder {path} cannot be made: an input has a file of that name"
            ) from error
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
        """The first 1,024 bytes of output/message, or an empty string. Blocking.

        Raises ClientError where they are no text, as AWS documents it.
        """
        try:
            with open_file(self.root, _MESSAGE) as file:
                content = file.read(_BYTES)
        except OSError:
            return ""
        try:
            # The last character of a longer one may be cut.
            decoder = codecs.getincrementaldecoder("utf-8")()
            return decoder.decode(content, final=len(content) < _BYTES)
        except UnicodeDecodeError as error:
            raise ClientError(f"{ML}/{_MESSAGE} is not text in UTF-8") from error
