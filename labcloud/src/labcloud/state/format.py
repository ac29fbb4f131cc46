"""Which format a state directory has, and what to do with one that this labcloud cannot read.

A file in the directory says it. It covers everything there: the records, S3's database and objects,
ECR's repositories and layers. S3 and ECR hold objects of moto's, so the file names moto's version
as well. It is checked before anything else is read.

    1   no file: what labcloud made before it wrote one
    2   the file; S3's database names the files of objects without their folder
"""

from __future__ import annotations

import contextlib
import errno
import json
import sqlite3
from collections.abc import Collection, Iterator
from importlib.metadata import version
from pathlib import Path

from labcloud.state.home import Home
from labcloud.state.paths import write_private
from labcloud.version import __version__

FORMAT = 2
# What is written is FORMAT; all of these are read.
_READABLE = (1, 2)
_RESET = "delete everything that labcloud holds with `labcloud reset`"


class StateUnreadable(Exception):
    """A state directory that this labcloud cannot read. Nothing in it has been changed."""


def check(home: Home) -> None:
    """Raises StateUnreadable for a directory of another format, or of another moto."""
    try:
        found = json.loads(home.format.read_text())
        number, made_by, made_with = int(found["format"]), found["labcloud"], found["moto"]
    except FileNotFoundError:
        # Format 1, or a new directory, where S3's database is made first.
        in_use = home.records.exists() or any(home.objects.glob("*/*"))
        if in_use and not _written(home.s3):
            raise missing(home.s3) from None
        return
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(home.format, error) from error
    if number not in _READABLE:
        raise StateUnreadable(
            f"{home.path} has format {number} (made by labcloud {made_by}), and labcloud "
            f"{__version__} reads formats up to {FORMAT}. Install the version that made it, or "
            f"{_RESET}."
        )
    if made_with != _moto():
        raise StateUnreadable(
            f"{home.path} was made by labcloud {made_by} with moto {made_with}, and moto {_moto()} "
            f"is installed, which may not read it. Install labcloud {made_by}, or {_RESET}."
        )
    for database in (home.s3, home.records):
        if not _written(database):
            raise missing(database)


def stamp(home: Home) -> None:
    """Writes into the directory which format it has from now on. Raises OSError.

    To be called when all that it holds has been read or made.
    """
    text = json.dumps({"format": FORMAT, "labcloud": __version__, "moto": _moto()})
    if not home.format.exists() or home.format.read_text() != text:
        write_private(home.format, text)


def _moto() -> str:
    """The installed moto's version, as major.minor."""
    return ".".join(version("moto").split(".")[:2])


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever goes wrong within is a fault of this file: raises StateUnreadable.

    OSError stays what it is, a full disk too where SQLite reports it.
    """
    try:
        yield
    except (StateUnreadable, OSError):
        raise
    except sqlite3.OperationalError as error:
        if "disk is full" in str(error):
            raise OSError(errno.ENOSPC, "the disk is full", str(path)) from error
        raise damaged(path, error) from error
    except Exception as error:
        raise damaged(path, error) from error


def make_tables(database: sqlite3.Connection, schema: str, later: Collection[str] = ()) -> None:
    """Makes the tables of a new database, and those in `later` where they are missing.

    Raises DatabaseError for a database in use that lacks another one, or has it with other columns:
    what it does not know would count as nobody's.
    """
    found = _columns(database)
    with contextlib.closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(schema)
        wanted = _columns(empty)
    for table, columns in wanted.items():
        if found and found.get(table, columns if table in later else ()) != columns:
            raise sqlite3.DatabaseError(f"its table {table} is missing, or not as it should be")
    database.executescript(schema)


def _columns(database: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """The columns of each table."""
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        name: tuple(column for _, column, *_ in database.execute(f"PRAGMA table_info('{name}')"))
        for (name,) in rows
    }


@contextlib.contextmanager
def closed_on_error(database: sqlite3.Connection) -> Iterator[None]:
    """Closes a database that cannot be used after all."""
    try:
        yield
    except BaseException:
        database.close()
        raise


def damaged(path: Path, error: Exception) -> StateUnreadable:
    """The error for a file that does not hold what it should."""
    reason = str(error) if isinstance(error, (sqlite3.Error, EOFError)) else repr(error)
    return StateUnreadable(
        f"labcloud cannot read {path}, which seems to be damaged ({reason}). "
        f"Put a copy of it back, or {_RESET}."
    )


def missing(path: Path) -> StateUnreadable:
    """The error for a file or folder that is not there, in a directory that was in use."""
    return StateUnreadable(
        f"{path} is missing or empty, though {path.parent} was in use before. "
        f"Put a copy of it back, or {_RESET}."
    )


def _written(database: Path) -> bool:
    return database.exists() and database.stat().st_size > 0
