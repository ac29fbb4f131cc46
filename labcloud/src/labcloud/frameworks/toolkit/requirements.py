"""What a script's requirements.txt asks for, installed into the container's own Python."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

from labcloud.frameworks.toolkit.errors import ScriptError

logger = logging.getLogger("sagemaker-containers")


def install(folder: Path, kind: str = "InstallModuleError") -> bool:
    """Of the requirements.txt in a folder; False if there is none. Raises ScriptError."""
    if not (folder / "requirements.txt").exists():
        return False
    run([sys.executable, "-m", "pip", "install", "-r", "requirements.txt"], folder, kind)
    return True


def run(command: list[str], folder: Path, kind: str) -> None:
    """A command whose output goes to the log. Raises ScriptError if it fails."""
    sys.stdout.flush()
    code = subprocess.run(command, cwd=folder).returncode
    if code:
        raise ScriptError(kind, command, code)
