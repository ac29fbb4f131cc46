"""The names of a bucket's keys in order, so that a page of a list need not look at all of them."""

from __future__ import annotations

import sys
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator

# So many names are looked at under one lock.
_AT_ONCE = 1000
# Behind a text, it is greater than any key that begins with the text: a key has 1,024 bytes.
_LAST = chr(sys.maxunicode) * 257


class Names:
    """Sorted as S3 sorts: by code points, which is the order of UTF-8. For several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sorted: list[str] = []

    def fill(self, names: Iterable[str]) -> None:
        """Makes these the names, all at once."""
        with self._lock:
            self._sorted = sorted(names)

    def add(self, name: str) -> None:
        with self._lock:
            place = bisect_left(self._sorted, name)
            if self._sorted[place : place + 1] != [name]:
                self._sorted.insert(place, name)

    def discard(self, name: str) -> None:
        with self._lock:
            place = bisect_left(self._sorted, name)
            if self._sorted[place : place + 1] == [name]:
                del self._sorted[place]

    def _following(self, start: str, *, inclusive: bool) -> list[str]:
        with self._lock:
            place = (bisect_left if inclusive else bisect_right)(self._sorted, start)
            return self._sorted[place : place + _AT_ONCE]

    def walk(
        self,
        prefix: str = "",
        delimiter: str = "",
        after: str = "",
        counts: Callable[[str], bool] = lambda _: True,
    ) -> Iterator[tuple[str, bool]]:
        """Names that begin with `prefix`, in order, from the first that is greater than `after`.

        Names with the delimiter behind the prefix are one folder together, which ends with the
        delimiter; with each name comes whether it is one. `counts` says of a name whether there is
        anything to be listed for it.
        """
        inclusive = after < prefix
        start = max(prefix, after)
        while names := self._following(start, inclusive=inclusive):
            start, inclusive = names[-1], False
            for name in names:
                if not name.startswith(prefix):
                    return
                if not counts(name):
                    continue
                place = name.find(delimiter, len(prefix)) if delimiter else -1
                if place < 0:
                    yield name, False
                    continue
                folder = name[: place + len(delimiter)]
                if folder != after:
                    yield folder, True
                # All that it holds is passed over.
                start, inclusive = folder + _LAST, True
                break
