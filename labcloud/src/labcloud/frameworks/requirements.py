"""`pip` of a framework image: a set of requirements is installed once, and kept for later jobs.

Runs in the job. What it installs is kept by its content, in an environment of its own laid over
labcloud's; the job finds it from there. Everything else that pip can do, pip does, in the job.

pip does the work, and not uv: uv does not see the packages that an environment is laid over, and
would install all of them again, which a machine without a network could not.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from labcloud.frameworks import python

_STAMP = "installed"
_FILE = ("-r", "--requirement")
# They change what is said or how, and not what is installed.
_HARMLESS = ("-q", "--quiet", "-U", "--upgrade", "--no-cache-dir", "--disable-pip-version-check")
# A name and what it must be; not a path, an address or an option.
_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*\s*(\[[\w\s,.-]*\])?\s*([=<>!~;(].*)?")
_COMMENT = re.compile(r"(^|\s)#.*")
# pip itself: what stands before it in a job is taken away.
_RUN = (
    "import runpy, sys; sys.path[:] = [e for e in sys.path if not e.endswith('in_a_job')]; "
    "sys.argv[0] = 'pip'; runpy.run_module('pip', run_name='__main__', alter_sys=True)"
)


def main(arguments: list[str]) -> int:
    """Returns pip's exit code."""
    kept = os.environ.get(python.KEPT)
    wanted = requirements(arguments) if kept else None
    if not kept or not wanted:
        return _pip(Path(sys.executable), arguments)
    folder = Path(kept) / _key(wanted)
    with _locked(folder):
        if not (folder / _STAMP).exists():
            code = _make(folder, arguments, wanted)
            if code:
                return code
        else:
            print(f"[labcloud] These requirements are installed already: {', '.join(wanted)}")
    python.add(Path(sys.prefix), folder)
    return 0


def requirements(arguments: list[str]) -> list[str] | None:
    """What an installation asks for, sorted; None if that is more than names and versions."""
    if not arguments or arguments[0] != "install":
        return None
    found, rest = list[str](), iter(arguments[1:])
    for word in rest:
        if word in _FILE:
            lines = _lines(Path(next(rest, "")))
            if lines is None:
                return None
            found += lines
        elif word in _HARMLESS:
            continue
        elif _REQUIREMENT.fullmatch(word):
            found.append(word)
        else:
            return None
    return sorted(set(found))


def _lines(file: Path) -> list[str] | None:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    joined = text.replace("\\\n", " ")
    lines = [_COMMENT.sub("", line).strip() for line in joined.splitlines()]
    found = [line for line in lines if line]
    return found if all(_REQUIREMENT.fullmatch(line) for line in found) else None


def _key(wanted: list[str]) -> str:
    """Of the requirements, and of the Python and the packages that they are laid over."""
    there = {f"{each.name}=={each.version}" for each in metadata.distributions()}
    named = "\n".join([sys.version, *wanted, *sorted(there)])
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def _make(folder: Path, arguments: list[str], wanted: list[str]) -> int:
    """Installs into a new environment, which appears complete or not at all."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        python.lay(folder, of_a_job=False)
        code = _pip(folder / "bin" / "python", arguments)
        if code == 0:
            (folder / _STAMP).write_text("\n".join(wanted))
        return code
    finally:
        if not (folder / _STAMP).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _pip(executable: Path, arguments: list[str]) -> int:
    sys.stdout.flush()
    return subprocess.run([str(executable), "-c", _RUN, *arguments]).returncode


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One job at a time makes a set; another one waits for it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
