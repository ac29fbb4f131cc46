"""S3's buckets and keys in SQLite, so that objects survive once they were acknowledged.

The contents of objects are files (see buffers.py). Everything else that moto knows about a key is
here: its versions, ETags, metadata, tags. A key is one row, with the pickle of moto's own objects.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from moto.s3.models import FakeBucket, FakeKey, s3_backends

from labcloud.aws import moto_patches
from labcloud.aws.pickles import dumps, loads
from labcloud.aws.s3 import changes
from labcloud.aws.s3.buffers import DiskBuffer, file_of
from labcloud.aws.s3.changes import Buckets, Changes
from labcloud.aws.s3.removals import Removals
from labcloud.aws.s3.uploads import SCHEMA as UPLOADS
from labcloud.aws.s3.uploads import Uploads
from labcloud.state.format import closed_on_error, make_tables, missing, reading
from labcloud.state.home import S3_DATABASE
from labcloud.state.paths import make_private

_SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS keys (
    bucket TEXT NOT NULL,
    name TEXT NOT NULL,
    state BLOB NOT NULL,
    files TEXT NOT NULL,
    PRIMARY KEY (bucket, name)
) WITHOUT ROWID;
"""
# These have rows of their own.
_NOT_KEPT = ("keys", "multiparts")
logger = logging.getLogger(__name__)

# moto's base class looks abstract to a type checker.
_BUCKET: Any = FakeBucket


class Vault:
    """The S3 of one account, kept in `folder`. Its calls block, and any thread may make them.

    There is one in a process: moto's objects find their contents by a setting of their class.
    Raises StateUnreadable where the database is damaged.
    """

    def __init__(self, account: str, folder: Path) -> None:
        moto_patches.apply()
        self._account = account
        self._backend: Any = s3_backends[account]["aws"]
        self._backend.buckets = Buckets(self._backend.buckets)
        self._lock = threading.Lock()
        self._objects = folder / "objects"
        make_private(self._objects)
        DiskBuffer.folder = self._objects
        self._removals = DiskBuffer.removals = Removals()
        self._path = folder / S3_DATABASE
        with reading(self._path):
            self._database = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False
            )
        with closed_on_error(self._database), reading(self._path):
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            make_tables(self._database, _SCHEMA + UPLOADS)
            self._uploads = Uploads(self._database)

    def close(self) -> None:
        self._database.close()

    def load(self) -> None:
        """Gives moto what the last life left, and deletes files that belong to no key or part.

        Raises StateUnreadable; no file has been deleted then.
        """
        used: set[str] = set()
        with closed_on_error(self._database), reading(self._path):
            for name, state in self._database.execute("SELECT name, state FROM buckets"):
                self._load_bucket(name, state)
                used |= self._uploads.load(name, self._backend.buckets[name].multiparts)
            used |= self._load_keys()
            self._clear(used)

    def _clear(self, used: set[str]) -> None:
        """Deletes the files that belong to nothing. Raises StateUnreadable where all are gone."""
        found = {file.name: file.path for folder in self._objects.iterdir()
                 for file in os.scandir(folder)}  # fmt: skip
        if lost := used - found.keys():
            if len(lost) == len(used):
                raise missing(self._objects)
            logger.error(
                "the contents of %d objects are missing", len(lost), extra={"event": "lost"}
            )
        for name in found.keys() - used:
            os.unlink(found[name])

    def held(self) -> AbstractContextManager[None]:
        """A block for one request: no file goes meanwhile that the request can have found."""
        return self._removals.held()

    def save(self, changes: Changes) -> None:
        """Writes down what moto holds of all that a request has used.

        It is on the disk when this returns. Raises OSError, sqlite3.Error, and Refused where an
        upload has ended before its part has come.
        """
        # SQLite would go on writing into a file that has been deleted.
        self._path.stat()
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                dropped = {file for name in changes.buckets for file in self._save(name, changes)}
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")
        for name in dropped:
            self._removals.remove(file_of(self._objects, name))

    def _save(self, bucket: str, changes: Changes) -> set[str]:
        """Returns the names of files that are no longer needed."""
        found = self._backend.buckets.get(bucket)
        if found is None:
            self._database.execute("DELETE FROM buckets WHERE name = ?", (bucket,))
            dropped = self._uploads.drop_all(bucket)
            for name in self._stored(bucket):
                dropped |= self._save_key(bucket, name, [])
            return dropped
        self._save_bucket(found)
        dropped = self._uploads.save(bucket, found.multiparts, changes)
        for name in changes.keys(bucket):
            dropped |= self._save_key(bucket, name, found.keys.getlist(name) or [])
        return dropped

    def revert(self, changes: Changes) -> None:
        """Makes moto hold what the disk has: undoes a change that was not or cannot be saved."""
        with self._lock:
            begun = self._contents(changes)
            for name in changes.buckets:
                self._revert(name, changes)
            begun -= self._contents(changes)
        for path in begun:
            self._removals.remove(path)

    def _contents(self, changes: Changes) -> set[Path]:
        """The files of all versions of the keys that a request has used."""
        return {
            path
            for bucket in changes.buckets
            if (found := self._backend.buckets.get(bucket))
            for name in changes.keys(bucket)
            for path in _paths(found.keys.getlist(name) or [])
        }

    def _revert(self, bucket: str, changes: Changes) -> None:
        found = self._backend.buckets.get(bucket)
        row = self._database.execute(
            "SELECT state FROM buckets WHERE name = ?", (bucket,)
        ).fetchone()
        if row is None:
            self._backend.buckets.pop(bucket, None)
            s3_backends.bucket_accounts.pop(bucket, None)
            return
        self._load_bucket(bucket, row[0], found)
        # moto has forgotten all keys of a bucket that it was deleting.
        for name in changes.keys(bucket) if found else self._stored(bucket):
            self._revert_key(bucket, name)
        uploads = self._backend.buckets[bucket].multiparts
        self._uploads.revert(bucket, uploads, changes, everything=found is None)

    def _revert_key(self, bucket: str, name: str) -> None:
        row = self._database.execute(
            "SELECT state FROM keys WHERE bucket = ? AND name = ?", (bucket, name)
        ).fetchone()
        keys = self._backend.buckets[bucket].keys
        keys.restore(name, self._versions(row[0]) if row else None)

    def _load_bucket(self, name: str, state: bytes, bucket: Any = None) -> None:
        if bucket is None:
            bucket = object.__new__(_BUCKET)
            vars(bucket).update(keys=changes.Keys(), multiparts=changes.Uploads())
        fields, tags = loads(state)
        vars(bucket).update(fields)
        self._backend.buckets[name] = bucket
        s3_backends.bucket_accounts[name] = (bucket.partition, self._account)
        self._tag(tags)

    def _load_keys(self) -> set[str]:
        """Gives moto all keys. Returns the names of their files."""
        used: set[str] = set()
        found: dict[str, dict[str, list[Any]]] = defaultdict(dict)
        for bucket, name, state, files in self._database.execute("SELECT * FROM keys"):
            found[bucket][name] = self._versions(state)
            used.update(json.loads(files))
        for bucket, keys in found.items():
            self._backend.buckets[bucket].keys.fill(keys)
        return used

    def _versions(self, state: bytes) -> list[Any]:
        """The versions of a stored key; their tags are with moto then."""
        versions: list[Any]
        versions, tags = loads(state)
        self._tag(tags)
        return versions

    def _stored(self, bucket: str) -> set[str]:
        rows = self._database.execute("SELECT name FROM keys WHERE bucket = ?", (bucket,))
        return {name for (name,) in rows}

    def _save_bucket(self, bucket: Any) -> None:
        fields = {n: value for n, value in vars(bucket).items() if n not in _NOT_KEPT}
        state = dumps((fields, self._tags([bucket])))
        self._database.execute(
            "INSERT INTO buckets VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state",
            (bucket.name, state),
        )

    def _save_key(self, bucket: str, name: str, versions: list[Any]) -> set[str]:
        """Returns the names of the files that the key had before and no longer has."""
        row = self._database.execute(
            "SELECT files FROM keys WHERE bucket = ? AND name = ?", (bucket, name)
        ).fetchone()
        before = set(json.loads(row[0])) if row else set()
        keys: list[Any] = [version for version in versions if isinstance(version, FakeKey)]
        files = {path.name for path in _paths(keys)}
        if versions:
            for key in keys:
                key._value_buffer.kept = True
            self._database.execute(
                "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?)",
                (bucket, name, dumps((versions, self._tags(keys))), json.dumps([*files])),
            )
        else:
            self._database.execute("DELETE FROM keys WHERE bucket = ? AND name = ?", (bucket, name))
        return before - files

    def _tags(self, tagged: Iterable[Any]) -> dict[str, dict[str, str]]:
        return {
            each.arn: self._backend.tagger.get_tag_dict_for_resource(each.arn) for each in tagged
        }

    def _tag(self, tags: dict[str, dict[str, str]]) -> None:
        for arn, values in tags.items():
            tagger = self._backend.tagger
            if values:
                tagger.tag_resource(arn, tagger.convert_dict_to_tags_input(values))


def _paths(versions: Iterable[Any]) -> set[Path]:
    contents: list[Any] = [each._value_buffer for each in versions if isinstance(each, FakeKey)]
    return {content.path for content in contents if content.path}
