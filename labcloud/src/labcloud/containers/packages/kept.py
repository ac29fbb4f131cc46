"""What pip has installed for one container, kept for all others that ask for the same.

Each set is an environment laid over labcloud's (`layer`), below one folder, under a key that says
what was asked for. It appears complete or not at all, and two containers at once make it once.

pip does the work, and not uv: uv does not see the packages that an environment is laid over, and
would install all of them again, which a machine without a network could not.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from labcloud.containers.packages import layer
from labcloud.containers.packages.cover import Cover

_STAMP = "installed"
# pip itself, and no module that a job has in the place of it.
_RUN = (
    "import runpy, sys; sys.path[:] = [e for e in sys.path if not e.endswith('in_a_job')]; "
    "sys.argv[0] = 'pip'; runpy.run_module('pip', run_name='__main__', alter_sys=True)"
)


def key(wanted: Iterable[str]) -> str:
    """Of what is asked for, and of the Python and the packages that it is laid over."""
    there = {f"{each.name}=={each.version}" for each in metadata.distributions()}
    named = "\n".join([sys.version, *wanted, *sorted(there)])
    return hashlib.sha256(named.encode()).hexdigest()[:32]


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One container at a time makes a set; another one waits for it. Blocking."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW
    lock = os.open(folder.with_suffix(".lock"), flags, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def is_made(folder: Path) -> bool:
    """Whether a set is there; to be asked with its lock."""
    return (folder / _STAMP).exists()


def make(
    folder: Path,
    arguments: Sequence[str],
    wanted: Sequence[str],
    *,
    below: Sequence[Path] = (),
    environment: Mapping[str, str],
    cover: Cover,
    output: int | None = None,
) -> int:
    """Makes a set with one command of pip, over others; its lock is held. Blocking.

    pip runs behind the cover, in the set's folder. Returns its exit code; unless that is 0, nothing
    is left.
    """
    shutil.rmtree(folder, ignore_errors=True)
    try:
        layer.lay(folder, below=below)
        command = _command(folder / "bin" / "python", arguments)
        code = cover.run(command, environment, folder, output)
        if code == 0:
            (folder / _STAMP).write_text("\n".join(wanted))
        return code
    finally:
        if not (folder / _STAMP).exists():
            shutil.rmtree(folder, ignore_errors=True)


def pip(executable: Path, arguments: Sequence[str]) -> int:
    """Runs an environment's pip. Blocking. What it says goes where this process prints."""
    sys.stdout.flush()
    return subprocess.run(_command(executable, arguments)).returncode


def _command(executable: Path, arguments: Sequence[str]) -> list[str]:
    return [str(executable), "-c", _RUN, *arguments]
