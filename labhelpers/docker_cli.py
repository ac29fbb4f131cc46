"""Docker's command line: whether it is there, one command, or one that is followed as it goes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import deque
from pathlib import Path

from labhelpers.connect import Lab
from labhelpers.errors import ImageError

# How Docker's two builders announce an instruction of the Dockerfile.
_STEP = re.compile(r"(?:Step \d+/\d+ :|#\d+ \[[^]]*\d+/\d+\]) (?P<what>.+)")
_LAST_LINES = 20
# Only a machine of SageMaker Studio has it.
_STUDIO = Path("/opt/ml/metadata/resource-metadata.json")


def has_docker(lab: Lab) -> bool:
    """Whether Docker is there to build and run images, and is to be used."""
    if lab.is_local and os.environ.get("LABCLOUD_ENGINE") == "process":
        return False
    return shutil.which("docker") is not None and docker("version").returncode == 0


def in_studio() -> bool:
    """Whether this is SageMaker Studio, whose Docker allows one network only, and no ports."""
    return _STUDIO.is_file()


def network() -> list[str]:
    """Options of `docker build` and `docker run`: without them Studio's Docker refuses both."""
    return ["--network", "sagemaker"] if in_studio() else []


def followed(*words: str) -> None:
    """Runs a command of Docker's and shows the steps that it announces. Raises ImageError."""
    last = deque[str](maxlen=_LAST_LINES)
    with subprocess.Popen(
        ["docker", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", env={**os.environ, "BUILDKIT_PROGRESS": "plain"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            last.append(line.rstrip())
            if found := _STEP.match(line):
                print(f"    {' '.join(found['what'].split())}", flush=True)
    if process.returncode:
        raise ImageError(f"docker {words[0]} has failed:\n" + "\n".join(last))


def docker(
    *words: str, said: str | None = None, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """Runs a command of Docker's to its end, with `said` on its standard input."""
    try:
        return subprocess.run(
            ["docker", *words], input=said, capture_output=True, text=True, timeout=seconds
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(["docker", *words], 1, "", str(error))
