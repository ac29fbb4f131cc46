"""Where the requests of one endpoint go: to its fleet, and for a while to two.

What changes here changes at once: a request that comes later goes the new way, and one that has
been sent stays where it is until it has been answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

from labcloud.cloud import Cloud
from labcloud.sagemaker.endpoints.fleet import Fleet, Variant
from labcloud.sagemaker.endpoints.resource import ENDPOINT
from labcloud.sagemaker.models.replica import Replica


class Traffic:
    """The traffic of an endpoint that serves.

    `random` decides by weight; a test may seed it.
    """

    def __init__(self, fleet: Fleet, random: Random | None = None) -> None:
        self.fleet = fleet
        self.random = random or Random()
        self.arriving: Fleet | None = None
        self._share = 0.0
        # Old fleets that are still needed, and what ends others.
        self._kept: list[Fleet] = []
        self._leaving: dict[asyncio.Task[None], list[Replica]] = {}

    @classmethod
    def of(cls, cloud: Cloud, name: str) -> Traffic | None:
        """The traffic of the endpoint of this name, while it serves."""
        found = cloud.running.get((ENDPOINT.kind, name))
        return found if isinstance(found, cls) else None

    def choose(self, target: str | None = None) -> Variant | None:
        """The variant for the next request: the target, or one by weight; None: no such target."""
        fleet = self.fleet
        if self.arriving and self.random.random() < self._share:
            fleet = self.arriving
        return fleet.choose(self.random) if target is None else fleet.find(target)

    def share(self, arriving: Fleet, share: float) -> None:
        """Gives a fleet that arrives its share of the requests (0 to 1)."""
        self.arriving, self._share = arriving, share

    def move(self, fleet: Fleet) -> None:
        """Gives a fleet all requests; the one before it is kept until `drain_old`."""
        self._kept.append(self.fleet)
        self.fleet, self.arriving = fleet, None

    def drain_old(self) -> None:
        """Ends the fleets that get no more requests, in the background."""
        for fleet in self._kept:
            self.end(fleet.retire(), fleet.replicas)
        self._kept = []

    def end(self, work: Coroutine[Any, Any, None], replicas: list[Replica]) -> None:
        """Does, in the background, what retires replicas that get no more requests."""
        task = asyncio.get_running_loop().create_task(work)
        self._leaving[task] = replicas
        task.add_done_callback(self._leaving.pop)

    async def stop(self) -> None:
        """Stops all fleets, also those that are about to go."""
        fleets = [self.fleet, *self._kept, *([self.arriving] if self.arriving else [])]
        leaving = [*self._leaving]
        for replicas in self._leaving.values():
            for replica in replicas:
                replica.stop_draining()
        await asyncio.gather(*[fleet.stop() for fleet in fleets], *leaving)
