"""What `lab open` prints, read while it runs."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time

_URL = re.compile(r"http://\S+\?token=\w+")
_SECONDS = 180.0


def printed_url(process: subprocess.Popen[bytes]) -> str:
    """Reads what `lab open` prints until the address is there."""
    assert process.stdout is not None
    said, deadline = "", time.monotonic() + _SECONDS
    while not (found := _URL.search(said)):
        ready, _, _ = select.select([process.stdout], [], [], deadline - time.monotonic())
        piece = os.read(process.stdout.fileno(), 4096) if ready else b""
        assert piece, f"lab open ended, or printed no address in {_SECONDS:.0f} s: {said}"
        said += piece.decode()
    return found[0]
