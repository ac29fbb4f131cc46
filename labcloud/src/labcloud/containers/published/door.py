"""A door out of a network of one's own, to one port of the machine, and to no other.

A program that serves has a loopback device and nothing else. The address at which it finds
labcloud is a socket of its own network, and the process that answers there has stayed outside.
"""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import socket

from labcloud.containers.process.kernel import die_with_parent
from labcloud.containers.relay import FROM_CONTAINERS, relay
from labcloud.state.home import LOOPBACK


class Door:
    """Made before this process enters its network, and opened inside. `port` is the machine's."""

    def __init__(self, port: int) -> None:
        self._ours, theirs = socket.socketpair()
        self._keeper = os.fork()
        if self._keeper == 0:
            try:
                self._ours.close()
                _keep(theirs, port)
            finally:
                os._exit(0)
        theirs.close()

    def open(self, port: int) -> None:
        """Lets 127.0.0.1:`port` of this network be the machine's. Raises OSError."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((LOOPBACK, port))
            listening.listen(128)
            socket.send_fds(self._ours, [b"1"], [listening.fileno()])
        self._ours.close()

    def remove(self) -> None:
        """There is no network to leave: the keeper ends."""
        self._ours.close()
        os.waitpid(self._keeper, 0)


def _keep(opened: socket.socket, port: int) -> None:
    # A container that is told to stop may need its AWS until its end.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    die_with_parent()
    _, found, _, _ = socket.recv_fds(opened, 1, 1)
    opened.close()
    if found:
        asyncio.run(_serve(socket.socket(fileno=found[0]), port))


async def _serve(listening: socket.socket, port: int) -> None:
    handler = functools.partial(relay, host=LOOPBACK, port=port, source=FROM_CONTAINERS)
    server = await asyncio.start_server(handler, sock=listening)
    await server.serve_forever()
