"""The port of a server is its own from the beginning."""

from __future__ import annotations

import pytest

from labcloud import server


def test_a_port_is_taken_before_the_server_answers() -> None:
    """This happened: labclouds of several users that started at a time all had the same port."""
    with server.bind(0) as first, pytest.raises(server.PortInUse):
        server.bind(first.getsockname()[1])
