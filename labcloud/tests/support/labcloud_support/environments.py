"""Python environments with packages that cannot be installed beside those of the tests.

Each is made once, beside the packages of the tests, and kept for the next run.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from .needs import unavailable

_FOLDER = Path(sys.prefix) / "extra-environments"


def environment(*requirements: str) -> Path:
    """The `python` of an environment with these packages, which requirements of pip name.

    Skips the test where they cannot be installed. Several test processes may ask at a time.
    """
    folder = _FOLDER / hashlib.sha256("\n".join(requirements).encode()).hexdigest()[:16]
    python, stamp = folder / "bin" / "python", folder / "installed"
    _FOLDER.mkdir(exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists():
            shutil.rmtree(folder, ignore_errors=True)
            if failed := _made(folder, python, requirements):
                unavailable(f"{', '.join(requirements)} cannot be installed here: {failed}")
            stamp.write_text("\n".join(requirements))
    return python


def _made(folder: Path, python: Path, requirements: tuple[str, ...]) -> str:
    """Makes an environment; returns what went wrong, or nothing.

    uv takes seconds where pip takes half a minute. It does not read pip's settings, though, so
    where it does not find a package, pip is asked. What is imported is compiled then.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    uv = [find_uv_bin(), "pip", "install", "--quiet", "--python", str(python)]
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    pip += ["--disable-pip-version-check", "--no-compile"]
    for command in (uv, pip):
        done = subprocess.run([*command, *requirements], capture_output=True, text=True)
        if done.returncode == 0:
            return ""
    said = done.stderr.strip().splitlines()
    return said[-1] if said else f"pip ended with {done.returncode}"
