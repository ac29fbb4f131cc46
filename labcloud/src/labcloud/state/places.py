"""Where records stand in the lists of their kind: times and status of each, in memory.

A list reads only the records of its page. Which these are is looked up here, so that the page of a
long list takes no longer than that of a short one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

_SCHEMA = """
CREATE TABLE places (
    kind TEXT NOT NULL, name TEXT NOT NULL, created REAL NOT NULL, modified REAL NOT NULL,
    status TEXT NOT NULL, objective REAL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE INDEX by_creation ON places (kind, created, name, modified, status, objective);
CREATE INDEX by_status ON places (kind, status, name, created, modified, objective);
CREATE INDEX by_small_name ON places (kind, lower(name));
"""
# By what a list can be sorted.
COLUMNS = ("name", "created", "status", "objective")


class Place(NamedTuple):
    """Times in seconds since the epoch. `objective` is that of a training job in a tuning job."""

    name: str
    created: float
    modified: float
    status: str = ""
    objective: float | None = None


class Places:
    """The places of some kinds of records. Used from one thread."""

    def __init__(self) -> None:
        self._database = sqlite3.connect(":memory:", isolation_level=None)
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        self._database.close()

    def put(self, kind: str, place: Place) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?, ?)", (kind, *place)
        )

    def remove(self, kind: str, name: str) -> None:
        self._database.execute("DELETE FROM places WHERE kind = ? AND name = ?", (kind, name))

    def page(
        self,
        kind: str,
        conditions: Iterable[tuple[str, Any]],
        *,
        by: str,
        descending: bool,
        after: tuple[Any, str] | None,
        size: int,
    ) -> list[Place]:
        """The first `size` places that fulfil all conditions, sorted by a column, then by name.

        A condition is an expression of SQL over the columns, with one ?, and its value. `after` is
        the last place of the page before: the value of the column `by`, and the name.
        """
        assert by in COLUMNS
        wanted = [("kind = ?", kind), *conditions]
        values = [value for _, value in wanted]
        clauses = [clause for clause, _ in wanted]
        if after:
            clauses.append(f"({by}, name) {'<' if descending else '>'} (?, ?)")
            values += after
        order = "DESC" if descending else "ASC"
        rows = self._database.execute(
            "SELECT name, created, modified, status, objective FROM places "
            f"WHERE {' AND '.join(clauses)} ORDER BY {by} {order}, name {order} LIMIT ?",
            (*values, size),
        )
        return [Place(*row) for row in rows]

    def names(self, kind: str, *, status_not_in: Collection[str]) -> list[str]:
        """The names of all that have another status, sorted."""
        marks = ", ".join("?" * len(status_not_in))
        rows = self._database.execute(
            f"SELECT name FROM places WHERE kind = ? AND status NOT IN ({marks}) ORDER BY name",
            (kind, *status_not_in),
        )
        return [name for (name,) in rows]

    def spelled(self, kind: str, small_name: str) -> list[str]:
        """The names that are this one in lower case."""
        rows = self._database.execute(
            "SELECT name FROM places WHERE kind = ? AND lower(name) = ?", (kind, small_name)
        )
        return [name for (name,) in rows]

    def statuses(self, kind: str) -> dict[str, int]:
        """How many have each status."""
        rows = self._database.execute(
            "SELECT status, count(*) FROM places WHERE kind = ? GROUP BY status", (kind,)
        )
        return dict(rows.fetchall())
