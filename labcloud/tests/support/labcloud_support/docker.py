"""Docker for tests: its command line, and the images that they build.

LAB_DOCKER_BUILD_OPTIONS holds options of `docker build`, such as --build-arg BASE=… where no
registry can be reached.
"""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import subprocess
from pathlib import Path

from .needs import unavailable

BUILD_OPTIONS = shlex.split(os.environ.get("LAB_DOCKER_BUILD_OPTIONS", ""))
# What images of the tests are built on, where the build options name no other base.
_BASE = "public.ecr.aws/docker/library/python:3.12.12-slim-bookworm"


def docker(
    *words: str | Path, check: bool = True, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["docker", *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0 or not check, done.stderr
    return done


def require_docker() -> None:
    """Skips the test where no image can be built."""
    if reason := _missing():
        unavailable(reason)


def base_argument() -> str:
    """The base image of the images that tests build."""
    return _BASE


@functools.cache
def _missing() -> str:
    """What is missing for a build, or an empty string."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    if docker("version", check=False).returncode != 0:
        return "no Docker daemon answers"
    if any("BASE=" in option for option in BUILD_OPTIONS):
        return ""
    if docker("image", "inspect", base_argument(), check=False).returncode == 0:
        return ""
    pulled = docker("pull", "--quiet", base_argument(), check=False, seconds=300)
    if pulled.returncode != 0:
        return f"the base image cannot be pulled: {pulled.stderr.strip()}"
    return ""
