"""A client that calls an endpoint in the background, while the notebook changes the endpoint."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pandas as pd


class BackgroundClient:
    """Makes calls in a thread of its own, one after the other, from `with` to the end of its block.

    `invoke` makes one call and returns the name of the variant that answered. An exception is
    recorded as a failed call. `pause` is the time between two calls, in seconds.
    """

    def __init__(self, invoke: Callable[[], str], pause: float = 0.01) -> None:
        self._invoke, self._pause = invoke, pause
        self._calls: list[dict[str, Any]] = []
        self._recorded = threading.Condition()
        self._stop = threading.Event()
        # A daemon, so that the kernel can end without waiting for it.
        self._thread = threading.Thread(target=self._call, daemon=True)

    def __enter__(self) -> BackgroundClient:
        self._began = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def running(self) -> bool:
        """Whether it still makes calls."""
        return self._thread.is_alive()

    @property
    def seconds(self) -> float:
        """The seconds since it was started."""
        return time.perf_counter() - self._began

    def wait_for(self, calls: int) -> None:
        """Returns when this many more calls have ended."""
        with self._recorded:
            enough = len(self._calls) + calls
            self._recorded.wait_for(lambda: len(self._calls) >= enough)

    @property
    def table(self) -> pd.DataFrame:
        """One row per call: `seconds` (when it ended), `milliseconds` (how long it took), `variant`
        and `error`. A failed call has an error and no variant.
        """
        columns = ["seconds", "milliseconds", "variant", "error"]
        with self._recorded:
            return pd.DataFrame(self._calls, columns=columns)

    def _call(self) -> None:
        while not self._stop.is_set():
            began = self.seconds
            variant, error = None, None
            try:
                variant = self._invoke()
            except Exception as failed:
                error = str(failed)
            ended = self.seconds
            call = {
                "seconds": ended, "milliseconds": 1000 * (ended - began),
                "variant": variant, "error": error,
            }  # fmt: skip
            with self._recorded:
                self._calls.append(call)
                self._recorded.notify_all()
            self._stop.wait(self._pause)
