"""Reads learners' notes, which they may have written themselves: nothing in them is trusted.

A note is a small regular file of its learner. A link, a pipe, somebody else's file or a large file
is not read. What is read must have the form that labhelpers.progress writes, with numbers in their
bounds and texts of harmless characters, or the whole note counts as unreadable.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.room.course import Notebook

# A note has some hundred bytes; so much is read of none.
_BYTES = 64 * 1024
_LEARNERS = 1000
# What a note may hold: exercises and endpoints, tries, and how far a clock may be ahead (seconds).
_ENTRIES, _TRIES, _AHEAD = 100, 1_000_000, 60
_ENDPOINT = re.compile(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,62}")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe that nobody writes to must not hold the reader up.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Unreadable(Exception):
    """A note that is not one."""


@dataclass(frozen=True)
class Tries:
    """How often an exercise was tried, and whether it is solved."""

    count: int
    solved: bool


@dataclass(frozen=True)
class Note:
    """How far a learner is in a notebook.

    `at` is the id of the cell that ran last, `time` when that was (seconds since 1970), `failed`
    how many tries in a row were not correct. `endpoints` are the learner's, of all notebooks.
    """

    notebook: Notebook
    at: str
    time: int
    failed: int
    exercises: Mapping[int, Tries]
    endpoints: Sequence[str]

    @property
    def place(self) -> str:
        """Where that cell stands, if it is one of the course's."""
        return self.notebook.places.get(self.at, "")


@dataclass(frozen=True)
class Learner:
    """A learner by the name of their folder. `notes` begins with the newest."""

    name: str
    notes: Sequence[Note]
    unreadable: bool


def learners(room: Path, notebooks: Sequence[Notebook], now: float) -> list[Learner]:
    """Everybody who has a folder in the room's. Raises OSError if that one cannot be read."""
    found = []
    with _opened(room, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) as handle:
        for name in sorted(os.listdir(handle))[:_LEARNERS]:
            if not name.startswith(".") and (learner := _learner(name, handle, notebooks, now)):
                found.append(learner)
    return found


def _learner(name: str, room: int, notebooks: Sequence[Notebook], now: float) -> Learner | None:
    """What a learner's folder says; None for what is no folder."""
    notes, unreadable = [], False
    try:
        with _opened(name, _FOLDER, room) as folder:
            # No list of the folder is read, so it may hold a million files.
            for notebook in notebooks:
                try:
                    notes.append(_note(_content(f"{notebook.name}.json", folder), notebook, now))
                except FileNotFoundError:
                    continue
                except (OSError, Unreadable):
                    unreadable = True
    except PermissionError:
        unreadable = True
    except OSError:
        return None
    return Learner(name, sorted(notes, key=lambda note: -note.time), unreadable)


def _content(name: str, folder: int) -> bytes:
    """What a file of a learner holds. Raises OSError or Unreadable."""
    with _opened(name, _FILE, folder) as handle:
        found, owner = os.fstat(handle), os.fstat(folder).st_uid
        # A second name of somebody's file would show what is in that.
        if not stat.S_ISREG(found.st_mode) or found.st_uid != owner or found.st_nlink != 1:
            raise Unreadable
        content = os.read(handle, _BYTES + 1)
    if len(content) > _BYTES:
        raise Unreadable
    return content


class _opened:
    """A file descriptor as long as the context lasts."""

    def __init__(self, path: str | Path, flags: int, folder: int | None = None) -> None:
        self._handle = os.open(path, flags, dir_fd=folder)

    def __enter__(self) -> int:
        return self._handle

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


def _note(content: bytes, notebook: Notebook, now: float) -> Note:
    """A note. Raises Unreadable for anything that labhelpers.progress does not write."""
    try:
        found = json.loads(content)
        exercises = {
            int(number): Tries(_whole(tries["tries"], _TRIES), tries["solved"] is True)
            for number, tries in found["exercises"].items()
        }
        note = Note(
            notebook,
            at=found["at"],
            time=_whole(found["time"], int(now) + _AHEAD),
            failed=_whole(found["failed"], _TRIES),
            exercises=exercises,
            endpoints=tuple(found["endpoints"]),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Unreadable from None
    if not isinstance(note.at, str) or max(len(exercises), len(note.endpoints)) > _ENTRIES:
        raise Unreadable
    if not all(isinstance(name, str) and _ENDPOINT.fullmatch(name) for name in note.endpoints):
        raise Unreadable
    return note


def _whole(value: Any, highest: int) -> int:
    if type(value) is not int or not 0 <= value <= highest:
        raise ValueError
    return value
