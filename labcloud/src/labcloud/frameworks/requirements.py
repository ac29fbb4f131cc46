"""`pip` of a framework image: a set of requirements is installed once, and kept for later jobs.

Runs in the job, which finds there what earlier ones have installed. Everything else that pip can
do, pip does, in the job.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from labcloud.containers.packages import kept, layer
from labcloud.containers.packages.asked import REQUIREMENT, lines_of

# Where jobs find what earlier ones have installed.
KEPT = "LABCLOUD_REQUIREMENTS"
_FILE = ("-r", "--requirement")
# They change what is said or how, and not what is installed.
_HARMLESS = ("-q", "--quiet", "-U", "--upgrade", "--no-cache-dir", "--disable-pip-version-check")


def main(arguments: list[str]) -> int:
    """Returns pip's exit code."""
    sets = os.environ.get(KEPT)
    wanted = requirements(arguments) if sets else None
    if not sets or not wanted:
        return kept.pip(Path(sys.executable), arguments)
    folder = Path(sets) / kept.key(wanted)
    with kept.locked(folder):
        if kept.is_made(folder):
            print(f"[labcloud] These requirements are installed already: {', '.join(wanted)}")
        elif code := kept.make(folder, arguments, wanted):
            return code
    layer.add(Path(sys.prefix), folder)
    return 0


def requirements(arguments: list[str]) -> list[str] | None:
    """What an installation asks for, sorted; None if that is more than names and versions."""
    if not arguments or arguments[0] != "install":
        return None
    found, rest = list[str](), iter(arguments[1:])
    for word in rest:
        if word in _FILE:
            lines = lines_of(Path(next(rest, "")))
            if lines is None:
                return None
            found += lines
        elif word in _HARMLESS:
            continue
        elif REQUIREMENT.fullmatch(word):
            found.append(word)
        else:
            return None
    return sorted(set(found))
