"""The promise of the README: a fresh clone, nothing but Python, one command, and a lab has run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from uv import find_uv_bin

ROOT = Path(__file__).parents[2]
_HOUR = 3600.0
# How this machine reaches its package index; everything else of the user's stays out.
_NETWORK = ("PIP_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_PIP_SETTINGS = (
    ".config/pip/pip.conf",
    ".pip/pip.conf",
    "Library/Application Support/pip/pip.conf",
)


def git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of HEAD; with uncommitted changes, the tracked files as they are."""
    folder = tmp_path / "clone"
    if not git("status", "--porcelain", "--untracked-files=no"):
        git("clone", "--quiet", str(ROOT), str(folder))
        return folder
    for name in git("ls-files", "-z").rstrip("\0").split("\0"):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture
def nothing_but_python(tmp_path: Path) -> dict[str, str]:
    """The environment of a user who has Python, an empty home, and the way to the package index.

    And uv, which installs in a fifth of the time, unless only pip's settings know the way.
    `.ci/run` begins with the set-up by pip, on a machine without uv.
    """
    programs = tmp_path / "bin"
    programs.mkdir()
    real = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"
    for name in ("python3", real.name):
        (programs / name).symlink_to(real)
    home = tmp_path / "home"
    home.mkdir()
    for name in _PIP_SETTINGS:
        if (theirs := Path.home() / name).exists():
            (home / name).parent.mkdir(parents=True)
            shutil.copy(theirs, home / name)
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.upper().startswith(_NETWORK) or name == "REQUESTS_CA_BUNDLE"
    } | {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    if reaches_the_index(find_uv_bin(), environment):
        (programs / "uv").symlink_to(find_uv_bin())
    return environment


def reaches_the_index(uv: str, environment: dict[str, str]) -> bool:
    """Whether uv, which does not read pip's settings, finds a package."""
    done = subprocess.run(
        [uv, "pip", "compile", "--quiet", "--no-cache", "-"],
        input="colorlog", env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode == 0


def run(
    words: list[str], clone: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./lab", *words],
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_HOUR,
    )


@pytest.mark.slow
def test_a_clean_clone_runs_lab_01(clone: Path, nothing_but_python: dict[str, str]) -> None:
    first = run(["run", "01"], clone, nothing_but_python)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Setting up .venv" in first.stdout
    assert "1 of 1 notebooks ran to the end." in first.stdout
    page = (clone / "build" / "01-xgboost-iris.html").read_text()
    assert "correct: 22 of 23" in page

    # Whoever installs stamps anew, and says so.
    stamp = clone / ".venv" / ".lab-installed"
    stamped = stamp.stat().st_mtime_ns
    second = run(["status"], clone, nothing_but_python)
    assert second.returncode == 3, second.stdout + second.stderr
    assert second.stdout == (
        f"labcloud is not running. Its state directory is {clone / '.labcloud'}.\n"
    )
    assert stamp.stat().st_mtime_ns == stamped

    # Nothing was written beside the clone, but for what IPython always makes.
    left = {path.name for path in Path(nothing_but_python["HOME"]).iterdir()}
    assert left <= {".cache", ".config", ".ipython", ".pip", "Library"}
