"""The hooks that run before a commit: valid, and the same tools as in the lock."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import yaml

from .declared import ROOT, tracked, versions

CONFIGURATION = ROOT / ".pre-commit-config.yaml"


def repositories() -> dict[str, dict[str, Any]]:
    found = yaml.safe_load(CONFIGURATION.read_text())["repos"]
    return {repository["repo"].rpartition("/")[2]: repository for repository in found}


def test_they_are_valid() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(CONFIGURATION)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_they_have_the_versions_of_the_lock() -> None:
    locked = versions("test")
    found = repositories()
    assert found["ruff-pre-commit"]["rev"] == f"v{locked['ruff']}"
    assert found["check-jsonschema"]["rev"] == locked["check-jsonschema"]


def test_they_run_in_any_environment() -> None:
    assert ".venv" not in CONFIGURATION.read_text()
    (hook,) = repositories()["local"]["hooks"]
    assert (hook["entry"], hook["language"]) == ("python -m mypy", "system")


def test_files_end_and_lines_end_as_the_hooks_would_have_them() -> None:
    """CI has no hooks; this is what they would mend."""
    for path in tracked():
        text = path.read_bytes()
        as_published = "golden" in path.parts or path.name.startswith("htmx")
        if as_published or b"\0" in text:
            continue
        assert not text or (text.endswith(b"\n") and not text.endswith(b"\n\n")), path
        assert b"\r" not in text, path
        assert not any(line.endswith((b" ", b"\t")) for line in text.split(b"\n")), path
