"""Docker's command line: whether it can be used, and how a command of it is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import deque
from pathlib import Path

from labhelpers.errors import ImageError
from labhelpers.lab import Lab

# How Docker's two builders print an instruction of the Dockerfile.
_STEP = re.compile(r"(?:Step \d+/\d+ :|#\d+ \[[^]]*\d+/\d+\]) (?P<instruction>.+)")
_LAST_LINES = 20


def has_docker(lab: Lab) -> bool:
    """Whether Docker answers, and is to be used: LABCLOUD_ENGINE=process says that it is not."""
    if lab.is_local and os.environ.get("LABCLOUD_ENGINE") == "process":
        return False
    return shutil.which("docker") is not None and docker("version").returncode == 0


def in_studio() -> bool:
    """Whether this is SageMaker Studio. Its Docker allows one network only, and no ports."""
    return Path("/opt/ml/metadata/resource-metadata.json").is_file()


def network_options() -> list[str]:
    """The options without which Docker in Studio refuses to build or run."""
    return ["--network", "sagemaker"] if in_studio() else []


def docker(
    *words: str, stdin: str | None = None, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """Runs a Docker command to its end, at most so many seconds. Does not raise."""
    command = ["docker", *words]
    try:
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def docker_with_steps(*words: str) -> None:
    """Runs a Docker command and prints the steps that it reports. Raises ImageError."""
    last = deque[str](maxlen=_LAST_LINES)
    with subprocess.Popen(
        ["docker", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", env={**os.environ, "BUILDKIT_PROGRESS": "plain"},
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            last.append(line.rstrip())
            if found := _STEP.match(line):
                print(f"    {' '.join(found['instruction'].split())}", flush=True)
    if process.returncode:
        raise ImageError(f"docker {words[0]} has failed:\n" + "\n".join(last))
