"""Where the requests of one endpoint go: to its fleet, and for a while to two.

What changes here changes at once: a request that comes later goes the new way, and one that has
been sent stays where it is until it has been answered.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

from labcloud.sagemaker.endpoints.fleet import Fleet, Variant
from labcloud.sagemaker.models.replica import Replica


class Traffic:
    """The traffic of an endpoint that serves.

    `dice` decides by weight; a test may seed it.
    """

    def __init__(self, fleet: Fleet, dice: random.Random | None = None) -> None:
        self.fleet = fleet
        self.dice = dice or random.Random()
        self.arriving: Fleet | None = None
        self._share = 0.0
        # Old fleets that are still needed, and what ends others.
        self._kept: list[Fleet] = []
        self._leaving: dict[asyncio.Task[None], list[Replica]] = {}

    def choose(self, target: str | None = None) -> Variant | None:
        """The variant for the next request: the target, or one by weight; None: no such target."""
        fleet = self.fleet
        if self.arriving and self.dice.random() < self._share:
            fleet = self.arriving
        return fleet.choose(self.dice) if target is None else fleet.find(target)

    def share(self, arriving: Fleet, share: float) -> None:
        """Gives a fleet that arrives its share of the requests (0 to 1)."""
        self.arriving, self._share = arriving, share

    def move(self, fleet: Fleet) -> None:
        """Gives a fleet all requests; the one before it is kept until `let_go`."""
        self._kept.append(self.fleet)
        self.fleet, self.arriving = fleet, None

    def take_back(self) -> None:
        """Gives the fleet that arrived nothing any more."""
        self.arriving = None

    def let_go(self) -> None:
        """Ends the fleets that were moved away from, in the background."""
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
                replica.hurry()
        await asyncio.gather(*[fleet.stop() for fleet in fleets], *leaving)
