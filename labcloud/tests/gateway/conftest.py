"""Connections to a server, below HTTP."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from labcloud_support.life import Life


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    """One that is still to be made: see `begin`."""
    with socket.socket() as made:
        made.settimeout(60)
        yield made


def begin(life: Life, connection: socket.socket, *data: bytes) -> None:
    """Connects, and sends this at once: the server soon closes what says nothing.

    To make a signature takes a client, and that takes longer on a busy machine.
    """
    connection.connect(("127.0.0.1", life.running.port))
    connection.sendall(b"".join(data))


def answer(connection: socket.socket) -> str:
    """All that comes until the server closes."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()
