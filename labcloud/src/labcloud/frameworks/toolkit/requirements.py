"""What a script's source asks for, installed into the container's own Python."""

from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from labcloud.frameworks.toolkit.errors import ScriptError

logger = logging.getLogger("sagemaker-containers")


def install(folder: Path, kind: str = "InstallModuleError", *, said: Sequence[str] = ()) -> bool:
    """A source with a setup.py, and what its requirements.txt names; False if it has neither.

    Raises ScriptError, whose command is `said`, if there is one.
    """
    package = (folder / "setup.py").exists()
    wanted = ["."] if package else []
    if (folder / "requirements.txt").exists():
        logger.info("Installing dependencies from requirements.txt")
        wanted += ["-r", "requirements.txt"]
    if not wanted:
        return False
    environment = dict(os.environ)
    if package and _builds_here(folder):
        environment.setdefault("PIP_NO_BUILD_ISOLATION", "0")
    run([*pip_install(), *wanted], folder, kind, said=said, environment=environment)
    return True


def _builds_here(folder: Path) -> bool:
    """Whether a package is built with the setuptools that is there.

    The pip of AWS's images does that without a pyproject.toml. Today's would first download one,
    which a job without a network could not have.
    """
    return not (folder / "pyproject.toml").exists() and bool(importlib.util.find_spec("setuptools"))


def pip_install(*wanted: str) -> list[str]:
    """The command that a toolkit installs with."""
    return [sys.executable, "-m", "pip", "install", *wanted]


def run(
    command: list[str],
    folder: Path,
    kind: str,
    *,
    said: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> None:
    """A command whose output goes to the log. Raises ScriptError if it fails."""
    sys.stdout.flush()
    code = subprocess.run(command, cwd=folder, env=environment).returncode
    if code:
        raise ScriptError(kind, list(said) or command, code)
