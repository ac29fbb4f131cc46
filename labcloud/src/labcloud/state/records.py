"""The records of resources, one row each: kind, name, and the resource as AWS describes it (JSON).

Every change is committed to SQLite before the call returns, and wakes those who wait for that
record. A change survives the death of the server, and all but `update_soon` a loss of power, too.
What the records mean is not known here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from labcloud.state.format import closed_on_error, make_tables, reading
from labcloud.state.places import Place, Places

Record = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS set_aside (kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL);
"""
# What is not even an object of JSON.
_NO_OBJECT = "NOT json_valid(body) OR json_type(iif(json_valid(body), body, 'null')) != 'object'"
# SQLite has no NaN in JSON: a record with one would be set aside at the next start.
_encode = json.JSONEncoder(allow_nan=False).encode

logger = logging.getLogger(__name__)


class AlreadyExists(Exception):
    """There is a record of this kind and name."""


class Missing(KeyError):
    """There is no record of this kind and name."""


class Records:
    """All records of one state directory. Used from the event loop's thread only.

    Raises StateUnreadable where the database is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.places = Places()
        # The field that holds the status, by kind.
        self._status: dict[str, str] = {}
        self._revisions: dict[str, int] = {}
        with reading(path):
            self._database = sqlite3.connect(path, isolation_level=None)
        with closed_on_error(self._database), reading(path):
            self._database.execute("PRAGMA journal_mode=WAL")
            # FULL: what was acknowledged is on the disk, not only with the operating system.
            self._database.execute("PRAGMA synchronous=FULL")
            make_tables(self._database, _SCHEMA, later=["set_aside"])
            self._check()
        self._waiting: dict[tuple[str, str], asyncio.Event] = {}
        # What is being changed `together`: kinds and names.
        self._changed: set[tuple[str, str]] = set()

    def _check(self) -> None:
        """Looks at all of it now: later a damaged row would be met in the middle of something."""
        (found,) = self._database.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        self._set_aside(_NO_OBJECT)

    def open(self, kind: str, fields: Iterable[str], status: str | None = None) -> None:
        """Makes a kind ready for lists. `status` is the field that holds its status.

        Records that lack one of these fields would fail whatever goes over all: they are taken out
        and logged, and stay in a table of their own.
        """
        needed = frozenset(fields)
        if status:
            self._status[kind] = status
        rows = self._database.execute("SELECT name, body FROM records WHERE kind = ?", (kind,))
        for name, body in rows.fetchall():
            try:
                record: Record = json.loads(body)
                if not needed <= record.keys():
                    raise ValueError(f"it lacks {needed - record.keys()}")
                self._place(kind, name, record)
            except (TypeError, ValueError):
                self.set_aside(kind, name)

    def _place(self, kind: str, name: str, body: Record) -> None:
        created = float(body.get("CreationTime", 0))
        modified = float(body.get("LastModifiedTime", created))
        status = str(body.get(self._status.get(kind, ""), ""))
        self.places.put(kind, Place(name, created, modified, status))

    def set_aside(self, kind: str, name: str) -> None:
        """Takes out a record that nothing can be done with."""
        self._set_aside("kind = ? AND name = ?", kind, name)

    def _set_aside(self, condition: str, *values: str) -> None:
        found = self._database.execute(f"SELECT kind, name FROM records WHERE {condition}", values)
        for kind, name in found.fetchall():
            logger.error(
                "the record of %s %s is damaged, and was set aside", kind, name,
                extra={"event": "record-set-aside"},
            )  # fmt: skip
            row = (kind, name)
            self._database.execute("BEGIN")
            self._database.execute(
                "INSERT INTO set_aside "
                "SELECT kind, name, body FROM records WHERE kind = ? AND name = ?",
                row,
            )
            self._database.execute("DELETE FROM records WHERE kind = ? AND name = ?", row)
            self._database.execute("COMMIT")
            self.places.remove(kind, name)
            self._revisions[kind] = self.revision(kind) + 1

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """All that is changed within is kept, or nothing of it. Nothing is waited for within.

        `update_soon` has no place here.
        """
        self._database.execute("BEGIN")
        self._changed.clear()
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            # SQLite takes some failed commits back by itself.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            for kind, name in self._changed:
                self._place_again(kind, name)
            raise

    def _place_again(self, kind: str, name: str) -> None:
        """Lists show what a record is now, and not what was taken back."""
        try:
            self._place(kind, name, self.get(kind, name))
        except Missing:
            self.places.remove(kind, name)

    def revision(self, kind: str) -> int:
        """A number that grows with each change of a record of a kind; it begins anew with this."""
        return self._revisions.get(kind, 0)

    def texts_set_aside(self, kind: str) -> list[str]:
        """The damaged records of a kind, as far as they can be read."""
        rows = self._database.execute("SELECT body FROM set_aside WHERE kind = ?", (kind,))
        return [
            body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
            for (body,) in rows
        ]

    def close(self) -> None:
        self._database.close()
        self.places.close()

    def extracts(self, kind: str, paths: Sequence[str]) -> list[list[Any]]:
        """Of each record of a kind the values at these paths, two at least; None for none.

        Blocking, and for any thread: it only reads, on a connection of its own.
        """
        marks = ", ".join("?" * len(paths))
        with closing(sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro", uri=True)) as own:
            rows = own.execute(
                f"SELECT json_extract(body, {marks}) FROM records WHERE kind = ?",
                (*[f"$.{path}" for path in paths], kind),
            )
            return [json.loads(values) for (values,) in rows]

    def insert(self, kind: str, name: str, body: Record) -> None:
        """Raises AlreadyExists, and OSError where the state directory is gone.

        Raises ValueError for a number that JSON does not have, as `update` does.
        """
        # SQLite would go on writing into a file that has been deleted.
        self._path.stat()
        try:
            self._database.execute(
                "INSERT INTO records VALUES (?, ?, ?)", (kind, name, _encode(body))
            )
        except sqlite3.IntegrityError as error:
            raise AlreadyExists(kind, name) from error
        self._place(kind, name, body)
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

    def update(self, kind: str, name: str, /, **changes: Any) -> Record:
        """Sets the named fields (None removes one) and returns the record. Raises Missing."""
        body = {**self.get(kind, name), **changes}
        body = {field: value for field, value in body.items() if value is not None}
        self._database.execute(
            "UPDATE records SET body = ? WHERE kind = ? AND name = ?",
            (_encode(body), kind, name),
        )
        self._place(kind, name, body)
        self._wake(kind, name)
        return body

    def update_soon(self, kind: str, name: str, **changes: Any) -> Record:
        """As `update`, but does not wait for the disk; the next change that waits writes it, too.

        For progress: a job that was running at a loss of power has failed, however far it was.
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
        self.places.remove(kind, name)
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
        if self._database.in_transaction:
            self._changed.add((kind, name))
        self._revisions[kind] = self.revision(kind) + 1
        event = self._waiting.pop((kind, name), None)
        if event:
            event.set()
