"""Packages that a test makes, so that pip has something to install without a network."""

from __future__ import annotations

import zipfile
from pathlib import Path


def wheel(folder: Path, name: str, version: str = "1.0", script: str = "") -> Path:
    """A wheel with one module, which has a VERSION, and perhaps a program that says it."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        said = f"print({module!r}, VERSION, 'says')"
        file.writestr(f"{module}.py", f"VERSION = {version!r}\ndef main(): {said}\n")
        file.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        entry = f"[console_scripts]\n{script} = {module}:main\n" if script else ""
        file.writestr(f"{info}/entry_points.txt", entry)
        parts = ("METADATA", "WHEEL", "RECORD", "entry_points.txt")
        names = [f"{module}.py", *(f"{info}/{each}" for each in parts)]
        file.writestr(f"{info}/RECORD", "".join(f"{each},,\n" for each in names))
    return path


def offline(*wheels: Path) -> dict[str, str]:
    """The variables of a pip that has these wheels and nothing else."""
    return {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": " ".join(str(each.parent) for each in wheels),
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
