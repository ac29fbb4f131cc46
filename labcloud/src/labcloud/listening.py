"""Where a server listens: on the port that it was told, or one that is free."""

from __future__ import annotations

import contextlib
import errno
import socket

from labcloud.state.home import LOOPBACK, Home


class PortInUse(Exception):
    """The port is somebody else's."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is in use by another program. Choose another one with --port, "
            "or --port 0 for any that is free."
        )


class AddressUnusable(Exception):
    """The server cannot listen there."""

    def __init__(self, address: str, port: int, error: OSError) -> None:
        super().__init__(f"labcloud cannot listen on {address}, port {port}: {error.strerror}.")


def listening(home: Home, port: int | None, address: str) -> socket.socket:
    """A socket on `port`, or, for None, on the one of the last life if it is free.

    Raises PortInUse, AddressUnusable.
    """
    if port is not None:
        return bind(port, address)
    # The user named no port, and another labcloud may run on the one that is wanted.
    for each in (home.wanted_port(), *home.last_ports()[1:]):
        with contextlib.suppress(PortInUse):
            return bind(each, address)
    return bind(0, address)


def bind(port: int, address: str = LOOPBACK) -> socket.socket:
    """A listening socket. Raises PortInUse, or AddressUnusable for one of another machine."""
    # Named as TCP, or the event loop does not turn Nagle's algorithm off (40 ms an answer).
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((address, port))
        # Bound, and not yet listening, it would leave the port to the next labcloud that starts.
        found.listen()
    except OSError as error:
        found.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(port) from error
        raise AddressUnusable(address, port, error) from error
    return found
