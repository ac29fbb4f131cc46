"""The Python of a framework image: /miniconda3, a virtual environment laid over labcloud's own.

What a job installs goes there, and nowhere else: pip leaves alone what lies outside of it.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import labcloud

HOME = "/miniconda3"
_VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"
_PIP = '#!/bin/sh\nexec python -m pip "$@"\n'


def lay(image: Path) -> None:
    """Puts a Python of its own into the files of an image. Blocking."""
    home = image / HOME.strip("/")
    programs, packages = home / "bin", home / "lib" / _VERSION / "site-packages"
    for folder in (programs, packages):
        folder.mkdir(parents=True, exist_ok=True)
    # What virtual environments are made from; this one may be one itself.
    base = Path(getattr(sys, "_base_executable", sys.executable))
    (home / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\n"
    )
    for name in ("python", "python3"):
        (programs / name).symlink_to(base)
    for name in ("pip", "pip3"):
        (programs / name).write_text(_PIP)
        (programs / name).chmod(0o755)
    own = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    lines = [str(Path(labcloud.__file__).parents[1])]
    # A line of the form `import …` is run: it reads the .pth files of the other environment, too.
    lines += [f"import site; site.addsitedir({folder!r})" for folder in own]
    (packages / "labcloud.pth").write_text("".join(f"{line}\n" for line in lines))
