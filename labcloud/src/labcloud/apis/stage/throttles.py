"""Token buckets: how many requests a route of a stage takes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

# An account's default in most regions: requests a second, and at once.
RATE, BURST = 10_000.0, 5_000
# Buckets that are full again are forgotten when there are more than this.
_MOST = 10_000


@dataclass
class _Bucket:
    tokens: float
    filled: float
    rate: float
    burst: float


class Throttles:
    """The buckets of all stages, by any key."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def take(self, key: tuple[str, ...], rate: float, burst: float) -> bool:
        """Takes a token; False where there is none. `rate` is in tokens a second.

        A bucket whose limits have changed is a full one of the new limits.
        """
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None or (bucket.rate, bucket.burst) != (rate, burst):
            self._forget(now)
            bucket = self._buckets[key] = _Bucket(burst, now, rate, burst)
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.filled) * rate)
        bucket.filled = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def _forget(self, now: float) -> None:
        if len(self._buckets) < _MOST:
            return
        for key, each in list(self._buckets.items()):
            seconds = (each.burst - each.tokens) / each.rate if each.rate else math.inf
            if now - each.filled >= seconds:
                del self._buckets[key]
