"""A client that calls all the while: what it was answered, by whom, how fast, and what failed.

It runs beside the notebook, so that an endpoint can be changed under it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pandas as pd


class Calling:
    """Calls `invoke` again and again between the beginning of a `with` and its end.

    `invoke` makes one call and returns the name of the variant that answered; what it raises is
    kept as a failed call. Between two calls are `pause` seconds.
    """

    def __init__(self, invoke: Callable[[], str], pause: float = 0.01) -> None:
        self._invoke, self._pause = invoke, pause
        self._calls: list[dict[str, Any]] = []
        self._one_more = threading.Condition()
        self._over = threading.Event()
        # A kernel that ends does not wait for it.
        self._thread = threading.Thread(target=self._call, daemon=True)

    def __enter__(self) -> Calling:
        self._began = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def calling(self) -> bool:
        """Whether there is still somebody who calls."""
        return self._thread.is_alive()

    @property
    def seconds(self) -> float:
        """How long it has been calling."""
        return time.perf_counter() - self._began

    def wait_for(self, calls: int) -> None:
        """Comes back when so many calls more have ended."""
        with self._one_more:
            enough = len(self._calls) + calls
            self._one_more.wait_for(lambda: len(self._calls) >= enough)

    @property
    def table(self) -> pd.DataFrame:
        """A row a call: `seconds` (its end), `milliseconds` (how long it took), `variant`, `error`.

        A failed call has an error and no variant.
        """
        columns = ["seconds", "milliseconds", "variant", "error"]
        with self._one_more:
            return pd.DataFrame(self._calls, columns=columns)

    def _call(self) -> None:
        while not self._over.is_set():
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
            with self._one_more:
                self._calls.append(call)
                self._one_more.notify_all()
            self._over.wait(self._pause)
