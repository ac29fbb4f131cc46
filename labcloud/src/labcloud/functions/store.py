"""The folders of functions' code, below the state directory: one for each version of the code."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

from labcloud.containers.threads import to_the_end
from labcloud.state import trees

logger = logging.getLogger(__name__)


class Users(Protocol):
    """What knows who uses a folder."""

    async def left(self, code: str) -> None: ...


class Store:
    """`folder` is made by whoever puts the first code into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._removing: set[asyncio.Task[None]] = set()

    def files(self, name: str) -> list[tuple[str, int]]:
        """What is in a folder: paths within it, sorted, and sizes (bytes). Blocking."""
        folder, found = self.folder / name, []
        for inside, _, files in os.walk(folder):
            for each in files:
                path = Path(inside, each)
                # It may be removed meanwhile.
                with contextlib.suppress(OSError):
                    found.append((str(path.relative_to(folder)), path.lstat().st_size))
        return sorted(found)

    async def remove(self, name: str) -> None:
        """Removes a folder that nobody uses."""
        try:
            await to_the_end(trees.remove, self.folder / name)
        except OSError as error:
            # The next start finds it.
            logger.error("could not remove code: %s", error, extra={"event": "write-failed"})

    def remove_later(self, name: str, users: Users) -> None:
        """Removes a folder as soon as nobody uses it any more."""

        async def work() -> None:
            await users.left(name)
            await self.remove(name)

        task = asyncio.create_task(work())
        self._removing.add(task)
        task.add_done_callback(self._removing.discard)

    def keep(self, names: Collection[str], damaged: Sequence[str] = ()) -> None:
        """Removes all others: a server that was killed leaves some. Blocking.

        `damaged` are the texts of records that somebody may yet mend: the folder that one names
        stays, and all of them where one names none.
        """
        folders = list(self.folder.iterdir()) if self.folder.is_dir() else []
        if not all(any(each.name in text for each in folders) for text in damaged):
            return
        for each in folders:
            if each.name not in names and not any(each.name in text for text in damaged):
                trees.clear(each)

    def close(self) -> None:
        for task in self._removing:
            task.cancel()
