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


_BUILDS = """
import os, zipfile
found = []
{looks}
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name, info = "lc_spy-1.0-py3-none-any.whl", "lc_spy-1.0.dist-info"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as file:
        file.writestr("lc_spy.py", f"FOUND = {{found!r}}")
        said = "Metadata-Version: 2.1\\nName: lc-spy\\nVersion: 1.0\\n"
        file.writestr(f"{{info}}/METADATA", said)
        said = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        file.writestr(f"{{info}}/WHEEL", said)
        file.writestr(f"{{info}}/RECORD", "")
    return name
"""
_PROJECT = """
[build-system]
requires = []
build-backend = "builds"
backend-path = ["."]
[project]
name = "lc-spy"
version = "1.0"
"""


def spy(looks: str) -> dict[str, str]:
    """The files of a package that looks around while it is built: its FOUND is what has been added
    to `found`. It needs nothing else to be built with."""
    return {"builds.py": _BUILDS.format(looks=looks), "pyproject.toml": _PROJECT}
