"""The port of a server is its own from the beginning."""

from __future__ import annotations

import pytest

from labcloud import listening


def test_a_port_is_taken_before_the_server_answers() -> None:
    """This happened: labclouds of several users that started at a time all had the same port."""
    with listening.bind(0) as first, pytest.raises(listening.PortInUse):
        listening.bind(first.getsockname()[1])
