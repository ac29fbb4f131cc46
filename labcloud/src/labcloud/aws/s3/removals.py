"""Files of contents that nobody needs any more, deleted once nobody can be reading them.

A request finds a key, and then opens the file of its content. Another one may replace the key in
between. So a file that is given up stays until every request has ended that was under way then.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from itertools import count
from pathlib import Path


class Removals:
    """For the threads of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count()
        self._under_way: set[int] = set()
        # With the number of the first request that cannot have found the file.
        self._given_up: deque[tuple[int, Path]] = deque()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While the block runs, no file is deleted that could be found at its beginning."""
        with self._lock:
            number = next(self._numbers)
            self._under_way.add(number)
        try:
            yield
        finally:
            with self._lock:
                self._under_way.remove(number)
                removed = self._due()
            for path in removed:
                path.unlink(missing_ok=True)

    def remove(self, path: Path) -> None:
        """Deletes a file, when no block holds it any more."""
        with self._lock:
            self._given_up.append((next(self._numbers), path))
            removed = self._due()
        for each in removed:
            each.unlink(missing_ok=True)

    def _due(self) -> list[Path]:
        due = []
        while self._given_up and self._given_up[0][0] < min(self._under_way, default=float("inf")):
            due.append(self._given_up.popleft()[1])
        return due
