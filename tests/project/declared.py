"""What pyproject.toml and the lock say, for the tests beside this file."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
# The course, and labcloud where it is a project of its own.
PROJECTS = [path for path in (ROOT, ROOT / "labcloud") if (path / "pyproject.toml").exists()]
HASHES = re.compile(r"( \\\n +--hash=sha256:[0-9a-f]{64})+$")


def declarations(project: Path) -> dict[str, Any]:
    """A project's pyproject.toml."""
    with (project / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def entries(lock: str) -> list[str]:
    """The packages of a lock, each with its hashes."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return re.split(r"\n(?=\S)", lines)


def locked(lock: str) -> list[Requirement]:
    """The packages of a lock without their hashes."""
    return [Requirement(HASHES.sub("", entry)) for entry in entries(lock)]


def versions(lock: str) -> dict[str, str]:
    """The version of each package that this Python gets, by its normal name."""
    return {
        canonicalize_name(found.name): next(iter(found.specifier)).version
        for found in locked(lock)
        if found.marker is None or found.marker.evaluate()
    }


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository, those that are new included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
