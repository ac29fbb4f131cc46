"""How much memory a server takes while a test keeps it busy."""

from __future__ import annotations

import threading

import psutil

MB = 1024**2
# How often it is looked at (seconds).
_EVERY = 0.02


class Watch:
    """The most that a server, and all its processes together, had while this looked (bytes)."""

    def __init__(self, pid: int) -> None:
        self._server = psutil.Process(pid)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.server = self.family = 0

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(_EVERY):
            own = self._server.memory_info().rss
            self.server = max(self.server, own)
            self.family = max(self.family, own + sum(map(_rss, self._server.children(True))))


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
