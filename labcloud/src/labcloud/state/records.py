"""The records of resources, one row each: kind, name, and the resource as AWS describes it (JSON).

Every change is committed to SQLite before the call returns, and wakes whoever waits for that
record. Every change outlives the server's death at any moment, and all but those of `update_soon` a
loss of power. Knows nothing of what the records mean.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

Record = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
"""


class AlreadyExists(Exception):
    """A record of this kind and name is there."""


class Missing(KeyError):
    """No record of this kind and name is there."""


class Records:
    """All records of one state directory. Used from the event loop's thread only."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        # FULL: what was acknowledged is on the disk, not only with the operating system.
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_SCHEMA)
        self._waiting: dict[tuple[str, str], asyncio.Event] = {}

    def close(self) -> None:
        self._database.close()

    def insert(self, kind: str, name: str, body: Record) -> None:
        """Raises AlreadyExists."""
        try:
            self._database.execute(
                "INSERT INTO records VALUES (?, ?, ?)", (kind, name, json.dumps(body))
            )
        except sqlite3.IntegrityError as error:
            raise AlreadyExists(kind, name) from error
        self._wake(kind, name)

    def get(self, kind: str, name: str) -> Record:
        """Raises Missing."""
        row = self._database.execute(
            "SELECT body FROM records WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        if row is None:
            raise Missing(kind, name)
        body: Record = json.loads(row[0])
        return body

    def all(self, kind: str) -> list[Record]:
        rows = self._database.execute("SELECT body FROM records WHERE kind = ?", (kind,))
        return [json.loads(body) for (body,) in rows]

    def update(self, kind: str, name: str, **changes: Any) -> Record:
        """Sets the named fields (None removes one) and returns the record. Raises Missing."""
        body = {**self.get(kind, name), **changes}
        body = {field: value for field, value in body.items() if value is not None}
        self._database.execute(
            "UPDATE records SET body = ? WHERE kind = ? AND name = ?",
            (json.dumps(body), kind, name),
        )
        self._wake(kind, name)
        return body

    def update_soon(self, kind: str, name: str, **changes: Any) -> Record:
        """As `update`, but does not wait for the disk; the next change that does takes it along.

        For progress: a job that was running when the power went has failed, however far it was.
        """
        self._database.execute("PRAGMA synchronous=NORMAL")
        try:
            return self.update(kind, name, **changes)
        finally:
            self._database.execute("PRAGMA synchronous=FULL")

    def delete(self, kind: str, name: str) -> None:
        """Raises Missing."""
        done = self._database.execute(
            "DELETE FROM records WHERE kind = ? AND name = ?", (kind, name)
        )
        if not done.rowcount:
            raise Missing(kind, name)
        self._wake(kind, name)

    async def wait(
        self, kind: str, name: str, until: Callable[[Record], bool], seconds: float
    ) -> Record:
        """The record as soon as `until` holds for it, or as it is after `seconds`.

        Raises Missing, also when the record goes away meanwhile.
        """
        try:
            async with asyncio.timeout(seconds):
                while not until(body := self.get(kind, name)):
                    await self._waiting.setdefault((kind, name), asyncio.Event()).wait()
                return body
        except TimeoutError:
            return self.get(kind, name)

    def _wake(self, kind: str, name: str) -> None:
        event = self._waiting.pop((kind, name), None)
        if event:
            event.set()
