"""Whose program is at the other end of a connection on this machine.

Linux says which user owns each socket (`/proc/net/tcp`, proc(5)). Other systems do not tell.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

Address = tuple[str, int]
# Connections of IPv4 are in the second table where the program has asked for either kind.
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ROOT = 0


def known() -> bool:
    """Whether this system says it."""
    return _TABLES[0].exists()


def may_be_ours(theirs: Address, ours: Address, tables: tuple[Path, ...] = _TABLES) -> bool:
    """Whether a connection, by its two ends in IPv4, is one of this user's programs, or root's.

    Where the system does not tell, it may be.
    """
    if not tables[0].exists():
        return True
    wanted = (_as_listed(theirs), _as_listed(ours))
    for table in tables:
        try:
            lines = table.read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if (words[1][-13:], words[2][-13:]) == wanted:
                # A socket that its program has closed is nobody's: the kernel says root.
                return int(words[7]) in (os.getuid(), _ROOT) and words[9] != "0"
    # Windows' own programs reach its Linux, and are in no table of it. Anywhere else, a socket that
    # is in none has been closed before it was looked for.
    return "microsoft" in os.uname().release.lower()


def _as_listed(address: Address) -> str:
    """As the tables write an address of IPv4, and the end of one in IPv6: bytes as the CPU has."""
    number = int.from_bytes(socket.inet_aton(address[0]), sys.byteorder)
    return f"{number:08X}:{address[1]:04X}"
