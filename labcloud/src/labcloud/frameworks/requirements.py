"""`pip` of a framework image: a set of requirements is installed once, and kept for later jobs.

Runs in the job, and asks the broker outside of it. Everything else that pip can do, pip does, in
the job.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from labcloud.containers.packages import kept, layer
from labcloud.containers.packages.asked import REQUIREMENT, lines_of
from labcloud.containers.packages.broker import HARMLESS, REQUESTS, Reply, ask
from labcloud.containers.packages.settings import NAMES

_FILE = ("-r", "--requirement")
# The variables that the broker knows, and those that change nothing of what is installed.
_KNOWN = {
    *NAMES, "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_ROOT_USER_ACTION", "PIP_NO_CACHE_DIR",
    "PIP_CACHE_DIR", "PIP_NO_INPUT", "PIP_PROGRESS_BAR", "PIP_NO_COLOR", "PIP_QUIET", "PIP_VERBOSE",
}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Returns pip's exit code."""
    place = os.environ.get(REQUESTS)
    # An option in a variable may make other packages of the same requirements.
    options = [name for name in os.environ if name.startswith("PIP_") and name not in _KNOWN]
    wanted = requirements(arguments) if place and not options else None
    reply = Reply(None)
    if place and wanted:
        sys.stdout.flush()
        flags = [word for word in arguments if word in HARMLESS]
        with contextlib.suppress(OSError):
            reply = ask(Path(place), wanted, flags, sys.stdout.fileno())
    if reply.code is None:
        return kept.pip(Path(sys.executable), arguments)
    if reply.already:
        print(f"[labcloud] These requirements are installed already: {', '.join(wanted or [])}")
    if reply.folder:
        layer.add(Path(sys.prefix), Path(reply.folder))
    return reply.code


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
        elif word in HARMLESS:
            continue
        elif REQUIREMENT.fullmatch(word):
            found.append(word)
        else:
            return None
    return sorted(set(found))
