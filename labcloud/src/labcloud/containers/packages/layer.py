"""A virtual environment laid over labcloud's own: it has the same packages, and may have others.

What is installed goes there, and nowhere else: pip leaves alone what lies outside of it.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import labcloud

_VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"
_AT_START = Path(__file__).parent / "at_start"
_PIP = '#!/bin/sh\nexec "${0%/*}/python" -m pip "$@"\n'


def packages_of(home: Path) -> Path:
    """Where such an environment has its own packages."""
    return home / "lib" / _VERSION / "site-packages"


def lay(home: Path, modules: Path | None = None, below: Sequence[Path] = ()) -> None:
    """Makes a folder such an environment. Blocking.

    What is in `modules` is found before labcloud's packages; so is what `below`, other
    environments of this kind, have.
    """
    programs, packages = home / "bin", packages_of(home)
    for folder in (programs, packages):
        folder.mkdir(parents=True, exist_ok=True)
    # What virtual environments are made from; labcloud's own may be one itself.
    base = Path(getattr(sys, "_base_executable", sys.executable))
    (home / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\n"
    )
    for name in ("python", "python3"):
        (programs / name).symlink_to(base)
    for name in ("pip", "pip3"):
        (programs / name).write_text(_PIP)
        (programs / name).chmod(0o755)
    lines = [str(packages_of(each)) for each in below]
    lines += [str(modules)] if modules else []
    lines += filter(os.path.isabs, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    lines.append(str(Path(labcloud.__file__).parents[1]))
    # A line of the form `import …` is run.
    lines += [str(_AT_START), "import labcloud_late"]
    own = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    # This reads the .pth files of the other environment, too.
    lines += [f"import site; site.addsitedir({folder!r})" for folder in own]
    (packages / "labcloud.pth").write_text("".join(f"{line}\n" for line in lines))


def add(home: Path, kept: Path) -> None:
    """Lets an environment find what another one has installed, before what it is laid over.

    A Python of it that runs finds it too (`at_start/labcloud_late.py`).
    """
    packages = packages_of(home)
    # They are read in the order of their names, and these before labcloud.pth.
    number = len(list(packages.glob("00-*.pth")))
    # Whole at once: a Python that runs may look at this moment.
    new = packages / f"00-{number:03}.new"
    new.write_text(f"{packages_of(kept)}\n")
    new.rename(new.with_suffix(".pth"))
    for program in (kept / "bin").iterdir():
        here = home / "bin" / program.name
        if not os.path.lexists(here):
            here.symlink_to(program)
