"""Where scenes in this process are played: one event loop and one nursery for all of them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar
from unittest.mock import patch

from labcloud.containers.process.nursery import Nursery

# Where the fakes are imported from.
_SUPPORT = str(Path(__file__).parents[1])
# The longest scene (seconds).
_LONGEST = 60


class Closable(Protocol):
    """What a scene is played with."""

    async def close(self) -> None: ...


Result = TypeVar("Result")
Cloud = TypeVar("Cloud", bound=Closable)
Scene = Callable[[Cloud], Awaitable[None]]


class Theatre:
    """The nursery loads xgboost and scikit-learn when it starts, which takes longer than a scene.

    It belongs to the event loop in which it was started, so all scenes share that, too.
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self.nursery = Nursery()

    def play(self, scene: Coroutine[Any, Any, Result]) -> Result:
        """Runs a scene to its end. Its workers find the fakes."""
        with patch.dict(os.environ, PYTHONPATH=_SUPPORT):
            return self._runner.run(asyncio.wait_for(scene, _LONGEST))

    def with_each(self, make: Callable[[], Cloud]) -> Callable[[Scene[Cloud]], None]:
        """What plays a scene with a cloud that `make` makes for it, and closes that afterwards."""

        async def run(scene: Scene[Cloud]) -> None:
            cloud = make()
            try:
                await scene(cloud)
            finally:
                await cloud.close()

        return lambda scene: self.play(run(scene))

    async def clear(self) -> None:
        """Kills the workers that are left, and waits until they are gone."""
        for child in list(self.nursery._children.values()):
            child.signal(signal.SIGKILL)
            await child.exit_code

    def close(self) -> None:
        self._runner.run(self.nursery.close())
        self._runner.close()
