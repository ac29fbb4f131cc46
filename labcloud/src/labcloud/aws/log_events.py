"""The events of one log stream, in a file: a job may print more than fits into memory.

moto keeps a stream's events in a list, and takes this for one.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from labcloud.state import trees
from labcloud.state.paths import make_private

# What is kept of one stream (characters). A job that prints without end fills no disk.
LARGEST_STREAM = 256 * 1024**2
_FULL = f"labcloud keeps {LARGEST_STREAM // 1024**2} MiB of a log stream. The rest is left out."
# So many are read at once, while those that write wait.
_AT_ONCE = 1000
# Behind every event of a millisecond.
LAST = 2**62

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS events (
    timestamp INTEGER, number INTEGER, ingestion_time INTEGER, message TEXT,
    PRIMARY KEY (timestamp, number)
) WITHOUT ROWID;
"""

logger = logging.getLogger(__name__)


class Event(NamedTuple):
    """One event; times in milliseconds since the epoch. Streams are sorted by the first two."""

    timestamp: int
    number: int
    ingestion_time: int
    message: str

    @property
    def event_id(self) -> str:
        return f"{self.timestamp:020d}{self.number:036d}"

    def to_response_dict(self) -> dict[str, Any]:
        """As GetLogEvents says it."""
        return {
            "timestamp": self.timestamp,
            "message": self.message,
            "ingestionTime": self.ingestion_time,
        }

    def to_filter_dict(self) -> dict[str, Any]:
        """As FilterLogEvents says it, but for the stream's name."""
        return self.to_response_dict() | {"eventId": self.event_id}


class Events:
    """For several threads. They are there as long as the server runs, or until `delete`."""

    # Set by `keep_in`: the files of all streams of this process.
    folder = Path(".")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._count = 0
        self._size = 0
        self._left_out = False
        # Of all events (milliseconds since the epoch).
        self.first_timestamp: int | None = None
        self.last_timestamp: int | None = None

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Event]:
        return self.ascending()

    def __iadd__(self, events: Iterable[Any]) -> Events:
        """Adds moto's events. What cannot be written is left out: no job fails for its log."""
        with self._lock:
            rows = [row for each in events for row in self._accepted(each)]
            try:
                if rows:
                    self._write(rows)
            except (OSError, sqlite3.Error) as error:
                logger.error("could not write a log: %s", error, extra={"event": "write-failed"})
        return self

    def _accepted(self, event: Any) -> Iterator[Event]:
        """What is to be written for an event: itself, a word that there is no more, or nothing."""
        message = event.message
        self._size += len(message)
        if self._size > LARGEST_STREAM:
            if self._left_out:
                return
            self._left_out, message = True, _FULL
        yield Event(event.timestamp, self._count, event.ingestion_time, message)
        self._count += 1

    def _write(self, rows: list[Event]) -> None:
        if self._path is None:
            self._path = self.folder / secrets.token_hex(16)
        database = sqlite3.connect(self._path, isolation_level=None)
        try:
            database.executescript(_SCHEMA)
            database.execute("BEGIN")
            database.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
            database.execute("COMMIT")
        finally:
            database.close()
        times = [row.timestamp for row in rows]
        known = [time for time in (self.first_timestamp, self.last_timestamp) if time is not None]
        self.first_timestamp, self.last_timestamp = min(times + known), max(times + known)

    def ascending(
        self, after: tuple[int, int] = (0, -1), until: int | None = None
    ) -> Iterator[Event]:
        """From the first that is behind `after` (timestamp and number), up to a timestamp."""
        condition = "(timestamp, number) > (?, ?) AND timestamp <= ? ORDER BY timestamp, number"
        place = after
        while rows := self._read(condition, (*place, LAST if until is None else until)):
            yield from rows
            if len(rows) < _AT_ONCE:
                return
            place = rows[-1][:2]

    def descending(
        self, before: tuple[int, int] = (LAST, LAST), since: int | None = None
    ) -> Iterator[Event]:
        """From the last that is in front of `before`, down to a timestamp."""
        order = "ORDER BY timestamp DESC, number DESC"
        condition = f"(timestamp, number) < (?, ?) AND timestamp >= ? {order}"
        place = before
        while rows := self._read(condition, (*place, since or 0)):
            yield from rows
            if len(rows) < _AT_ONCE:
                return
            place = rows[-1][:2]

    def _read(self, condition: str, values: tuple[int, ...]) -> list[Event]:
        with self._lock:
            if self._path is None:
                return []
            database = sqlite3.connect(self._path)
            try:
                rows = database.execute(
                    "SELECT timestamp, number, ingestion_time, message FROM events "
                    f"WHERE {condition} LIMIT {_AT_ONCE}",
                    values,
                )
                return [Event(*row) for row in rows]
            finally:
                database.close()

    def delete(self) -> None:
        """Frees the file."""
        with self._lock:
            if self._path:
                with contextlib.suppress(OSError):
                    self._path.unlink()
            self._path, self._count = None, 0


def keep_in(folder: Path) -> None:
    """Keeps the events of this process in a folder, without those of the last life. Blocking."""
    trees.remove(folder)
    make_private(folder)
    Events.folder = folder
