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
from labcloud.containers.packages.asked import HARMLESS, is_plain, requirements
from labcloud.containers.packages.broker import REQUESTS, Reply, ask


def main(arguments: list[str]) -> int:
    """Returns pip's exit code."""
    place = os.environ.get(REQUESTS)
    wanted = requirements(arguments) if place and is_plain(os.environ) else None
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
