"""The way from Docker's containers to this labcloud, which listens on 127.0.0.1 only."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import logging
from typing import Any

from labcloud.containers.access import Access
from labcloud.containers.docker.daemon import DockerError
from labcloud.containers.engine import ContainerSpec
from labcloud.containers.relay import FROM_CONTAINERS, relay
from labcloud.state.home import LOOPBACK

logger = logging.getLogger(__name__)


class Door:
    """A port at the address that this machine has on Docker's bridge, and nowhere else.

    It is opened for the first container that calls AWS. Where Docker's bridge is in a virtual
    machine (Docker Desktop), there is none, and no container calls AWS.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._address = ""
        self._server: asyncio.Server | None = None
        self._opening = asyncio.Lock()

    async def variables(self, client: Any, spec: ContainerSpec) -> dict[str, str]:
        """What the environment of a container gets besides its own; nothing without a way."""
        if not spec.calls_aws:
            return {}
        async with self._opening:
            await self._open(await asyncio.to_thread(_gateway, client))
        if self._server is None:
            return {}
        port = self._server.sockets[0].getsockname()[1]
        return self._access.variables(spec.role, spec.environment, self._address, port)

    async def _open(self, address: str) -> None:
        if self._server and address == self._address:
            return
        self.close()
        handler = functools.partial(
            relay, host=LOOPBACK, port=self._access.port, source=FROM_CONTAINERS
        )
        try:
            self._server = await asyncio.start_server(handler, address, 0) if address else None
        except OSError as error:
            logger.warning("containers have no way to AWS: %s: %s", address, str(error))
        else:
            self._address = address
            self._access.names.add(address)

    def close(self) -> None:
        if self._server:
            self._server.close()
            self._access.names.discard(self._address)
        self._server = None


def _gateway(client: Any) -> str:
    """This machine's address on the bridge; "" where there is no bridge. Blocking."""
    try:
        (configured, *_) = client.inspect_network("bridge")["IPAM"]["Config"]
        # A daemon that has just made the bridge does not say the address: it is the first one.
        return str(configured.get("Gateway") or ipaddress.ip_network(configured["Subnet"])[1])
    except (*DockerError, AttributeError, IndexError, ValueError, KeyError, TypeError):
        return ""
