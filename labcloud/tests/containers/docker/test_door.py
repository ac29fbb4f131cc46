"""Where Docker's containers find this machine: what a daemon says of its bridge."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from labcloud.containers.access import Access
from labcloud.containers.docker.door import Door, _gateway
from labcloud.containers.published.door import _serve
from labcloud.containers.relay import FROM_CONTAINERS


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


def test_labcloud_can_tell_who_comes_by_a_door() -> None:
    """By Docker's, and by that of a program with a network of its own."""
    senders: list[str] = []

    async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        senders.append(writer.get_extra_info("peername")[0])
        writer.close()

    async def connected(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        writer.close()

    async def both() -> None:
        server = await asyncio.start_server(asked, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        door = Door(Access(port, "us-east-1", lambda _: {}, set()))
        await door._open("127.0.0.1")
        assert door._server is not None
        await connected(door._server.sockets[0].getsockname()[1])
        door.close()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            serving = asyncio.create_task(_serve(listening, port))
            await connected(listening.getsockname()[1])
            serving.cancel()
            await asyncio.wait([serving])
        server.close()

    asyncio.run(both())
    assert senders == [FROM_CONTAINERS, FROM_CONTAINERS]
