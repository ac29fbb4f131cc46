#!/usr/bin/env python3
"""Writes the lock: every package that `./lab` installs, with its version and its hashes.

    .venv/bin/python requirements/lock.py              after a change of a pyproject.toml
    .venv/bin/python requirements/lock.py --upgrade    takes newer versions
    .venv/bin/python requirements/lock.py --check      writes nothing; fails where the lock is old

course.txt is what the labs need, test.txt is that and what the tests need, pip.txt is the pip that
installs them. A locked version stays as it is while the declarations allow it. Further options go
to `uv pip compile`.
"""

from __future__ import annotations

import difflib
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

LOCKS = Path(__file__).resolve().parent
ROOT = LOCKS.parent


def compiled(source: str, lock: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Brings the lock of what `source` declares up to date, keeping versions where it can."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        # ">=3.11,<3.14": the lock is for all of them, so it begins with the oldest.
        oldest = tomllib.load(file)["project"]["requires-python"].split(",")[0].strip(">= ")
    command = [sys.executable, "-m", "uv", "pip", "compile", source, "--quiet"]
    command += ["--universal", "--python-version", oldest, "--no-python-downloads"]
    command += ["--generate-hashes", "--no-annotate"]
    # It is in this repository, and is installed from there.
    command += ["--no-emit-package", "labcloud"]
    command += ["--custom-compile-command", ".venv/bin/python requirements/lock.py"]
    command += ["--output-file", str(lock), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def locks(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Brings the locks in this folder up to date. The course's is a part of the tests'."""
    test, course = folder / "test.txt", folder / "course.txt"
    done = compiled("pyproject.toml", test, "--extra", "test", *options)
    if done.returncode == 0:
        shutil.copy(test, course)
        done = compiled("pyproject.toml", course, "--constraint", str(test))
    if done.returncode == 0:
        done = compiled("requirements/pip.in", folder / "pip.txt", *options)
    return done


def main(arguments: list[str]) -> int:
    check = "--check" in arguments
    options = [word for word in arguments if word != "--check"]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        for stored in LOCKS.glob("*.txt"):
            shutil.copy(stored, made)
        # A check needs no network where uv's cache has what it asks for.
        done = locks(made, *options, "--offline") if check else None
        if done is None or done.returncode:
            done = locks(made, *options)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            return done.returncode
        old = False
        for new in sorted(made.glob("*.txt")):
            stored = LOCKS / new.name
            before = stored.read_text().splitlines() if stored.exists() else []
            after = new.read_text().splitlines()
            old = old or before != after
            for line in difflib.unified_diff(before, after, "stored", "declared", n=0, lineterm=""):
                if "--hash" not in line:
                    print(f"{new.name}: {line}")
            if not check:
                shutil.copy(new, stored)
    if check and old:
        print("The lock is not what the declarations give: run requirements/lock.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
