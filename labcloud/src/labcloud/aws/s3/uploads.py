"""Uploads in parts that are not complete, in the same database as S3's keys.

An upload is a row, and so is each of its parts; the content of a part is a file, as an object's is.
The vault makes all calls, within its own lock and transactions.
"""

from __future__ import annotations

import sqlite3
from bisect import insort
from typing import Any

from moto.s3.models import FakeMultipart

from labcloud.aws.pickles import dumps, loads
from labcloud.aws.s3.changes import Changes, Part
from labcloud.gateway.refusals import Refused

SCHEMA = """
CREATE TABLE IF NOT EXISTS uploads (
    bucket TEXT NOT NULL,
    id TEXT NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    bucket TEXT NOT NULL,
    upload TEXT NOT NULL,
    number INTEGER NOT NULL,
    state BLOB NOT NULL,
    file TEXT NOT NULL,
    PRIMARY KEY (bucket, upload, number)
) WITHOUT ROWID;
"""
_NO_SUCH_UPLOAD = (
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
    "been aborted or completed."
)
_NEW: Any = FakeMultipart  # it looks abstract to a type checker


class Uploads:
    """The uploads of all buckets."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def save(self, bucket: str, live: dict[str, Any], changes: Changes) -> set[str]:
        """Writes down the uploads that a request has begun or ended, and the parts that it brought.

        Other uploads are left alone: moto takes one out of `live` before its object is complete.
        Returns the names of files that belong to no part any more.
        """
        dropped: set[str] = set()
        for upload in changes.uploads(bucket, changes.begun):
            if found := live.get(upload):
                state = {n: v for n, v in vars(found).items() if n not in ("parts", "partlist")}
                self._database.execute(
                    "INSERT INTO uploads VALUES (?, ?, ?)", (bucket, upload, dumps(state))
                )
        for upload in changes.uploads(bucket, changes.ended):
            dropped |= self._drop(bucket, upload)
        for part, key in changes.parts.items():
            found = live.get(part.upload)
            if found is None:
                raise Refused("NoSuchUpload", _NO_SUCH_UPLOAD, 404)
            # Another request may have replaced it meanwhile.
            if found.parts.get(part.number) is key:
                dropped |= self._save_part(bucket, part, key)
        return dropped

    def drop_all(self, bucket: str) -> set[str]:
        """Forgets the uploads of a bucket that is gone; returns the names of their files."""
        return set().union(*(self._drop(bucket, upload) for upload in self._stored(bucket)))

    def _drop(self, bucket: str, upload: str) -> set[str]:
        dropped = {file for _, _, file in self._parts(bucket, upload)}
        for table, column in (("uploads", "id"), ("parts", "upload")):
            self._database.execute(
                f"DELETE FROM {table} WHERE bucket = ? AND {column} = ?", (bucket, upload)
            )
        return dropped

    def _save_part(self, bucket: str, part: Part, key: Any) -> set[str]:
        before = {file for number, _, file in self._parts(bucket, part.upload)
                  if number == part.number}  # fmt: skip
        key._value_buffer.kept = True
        path = key._value_buffer.path
        file = path.name if path else ""
        self._database.execute(
            "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?)",
            (bucket, *part, dumps(key), file),
        )
        return before - {file}

    def load(self, bucket: str, live: dict[str, Any], only: str | None = None) -> set[str]:
        """Gives a bucket of moto's the uploads that it lacks, or one of them.

        Returns the names of their files.
        """
        files: set[str] = set()
        rows = self._database.execute("SELECT id, state FROM uploads WHERE bucket = ?", (bucket,))
        for upload, state in rows.fetchall():
            if only not in (None, upload):
                continue
            found = live.get(upload)
            if found is None:
                found = live[upload] = object.__new__(_NEW)
                vars(found).update(loads(state), parts={}, partlist=[])
            for number, key, file in self._parts(bucket, upload):
                files.add(file)
                if number not in found.parts:
                    found.parts[number] = loads(key)
                    insort(found.partlist, number)
        return files

    def revert(
        self, bucket: str, live: dict[str, Any], changes: Changes, *, everything: bool
    ) -> None:
        """Makes moto hold what the disk has of the uploads of a request, or of all of a bucket."""
        for upload in changes.uploads(bucket, changes.begun):
            live.pop(upload, None)
        for part, key in changes.parts.items():
            key.dispose()
            self._forget(bucket, live, part)
        for ended in changes.uploads(bucket, changes.ended):
            self.load(bucket, live, ended)
        if everything:
            self.load(bucket, live)

    def _forget(self, bucket: str, live: dict[str, Any], part: Part) -> None:
        """Makes moto hold what the disk has of a part that could not be written."""
        upload = live.get(part.upload)
        if upload and upload.parts.pop(part.number, None):
            upload.partlist.remove(part.number)
            self.load(bucket, live, part.upload)

    def _stored(self, bucket: str) -> set[str]:
        rows = self._database.execute("SELECT id FROM uploads WHERE bucket = ?", (bucket,))
        return {upload for (upload,) in rows}

    def _parts(self, bucket: str, upload: str) -> list[tuple[int, bytes, str]]:
        return self._database.execute(
            "SELECT number, state, file FROM parts WHERE bucket = ? AND upload = ?",
            (bucket, upload),
        ).fetchall()
