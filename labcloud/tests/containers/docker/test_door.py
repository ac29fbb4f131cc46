"""Where Docker's containers find this machine: what a daemon says of its bridge."""

from __future__ import annotations

from typing import Any

import pytest

from labcloud.containers.docker.door import _gateway


class Bridge:
    """A daemon's client that knows one network."""

    def __init__(self, *configured: Any) -> None:
        self.configured = list(configured)

    def inspect_network(self, name: str) -> dict[str, Any]:
        assert name == "bridge"
        return {"IPAM": {"Config": self.configured}}


@pytest.mark.parametrize(
    ("configured", "address"),
    [
        ({"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.9"}, "172.17.0.9"),
        # As a daemon says it that has made the bridge in this life.
        ({"Subnet": "172.17.0.0/16"}, "172.17.0.1"),
        ({"Subnet": "10.5.0.0/24", "Gateway": ""}, "10.5.0.1"),
        ({"Subnet": "what"}, ""),
        ({}, ""),
        ("what", ""),
    ],
)
def test_the_address_of_this_machine_on_the_bridge(configured: Any, address: str) -> None:
    assert _gateway(Bridge(configured)) == address


def test_there_may_be_no_bridge() -> None:
    assert _gateway(Bridge()) == ""
