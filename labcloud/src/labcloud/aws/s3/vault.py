"""S3's buckets and keys in SQLite, so that the objects that were acknowledged survive.

What an object holds lies in files (see buffers.py); here is all else that moto knows of it: its
versions, ETag, metadata, tags. A key is one row, the pickle of moto's own objects; the
database is as private as the credentials beside it.
"""

from __future__ import annotations

import contextlib
import json
import pickle
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from moto.s3.models import FakeBucket, FakeKey, MultipartDict, s3_backends
from moto.s3.utils import _VersionedKeyStore

from labcloud.aws.s3 import buffers
from labcloud.aws.s3.uploads import Part, Uploads

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


# moto's base class looks abstract to a type checker.
_BUCKET: Any = FakeBucket


class Vault:
    """The S3 of one account, kept in `folder`. Its calls block, and any thread may make them."""

    def __init__(self, account: str, folder: Path) -> None:
        self._account = account
        self._backend: Any = s3_backends[account]["aws"]
        self._lock = threading.Lock()
        self._objects = folder / "objects"
        buffers.install(self._objects)
        self._database = sqlite3.connect(
            folder / "s3.sqlite", isolation_level=None, check_same_thread=False
        )
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_SCHEMA)
        self._uploads = Uploads(self._database)

    def close(self) -> None:
        self._database.close()

    def load(self) -> None:
        """Gives moto what the last life left, and deletes files that belong to nothing."""
        used: set[str] = set()
        for name, state in self._database.execute("SELECT name, state FROM buckets"):
            self._load_bucket(name, state)
            used |= self._uploads.load(name, self._backend.buckets[name].multiparts)
        for bucket_name, name, state, files in self._database.execute("SELECT * FROM keys"):
            self._load_key(bucket_name, name, state)
            used.update(json.loads(files))
        for path in self._objects.glob("*/*"):
            if path.name not in used:
                path.unlink()

    def has_upload(self, bucket: str, upload: str) -> bool:
        """Whether an upload in parts has been begun and is not done."""
        found = self._backend.buckets.get(bucket)
        return found is not None and upload in found.multiparts

    def save(self, bucket: str, names: Iterable[str], part: Part | None = None) -> None:
        """Makes the disk say what moto says of a bucket, of these keys in it, and of a part.

        On the disk when it returns. Raises OSError, sqlite3.Error.
        """
        with self._lock:
            dropped: set[str] = set()
            self._database.execute("BEGIN IMMEDIATE")
            try:
                found = self._backend.buckets.get(bucket)
                if found is None:
                    self._database.execute("DELETE FROM buckets WHERE name = ?", (bucket,))
                    names = self._stored(bucket)
                else:
                    self._save_bucket(found)
                dropped |= self._uploads.save(bucket, found.multiparts if found else {}, part)
                for name in names:
                    versions = found.keys.getlist(name) if found else None
                    dropped |= self._save_key(bucket, name, versions or [])
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")
        for name in dropped:
            with contextlib.suppress(FileNotFoundError):
                (self._objects / name[:2] / name).unlink()

    def revert(self, bucket: str, names: Iterable[str], part: Part | None = None) -> None:
        """Makes moto say what the disk says of all these: undoes a failed change."""
        with self._lock:
            found = self._backend.buckets.get(bucket)
            begun = {path for name in names for path in _files(found, name)}
            row = self._database.execute(
                "SELECT state FROM buckets WHERE name = ?", (bucket,)
            ).fetchone()
            if row is None:
                self._backend.buckets.pop(bucket, None)
                s3_backends.bucket_accounts.pop(bucket, None)
            else:
                self._load_bucket(bucket, row[0], found)
                # A bucket that was about to be deleted has lost sight of all its keys.
                for name in names if found else self._stored(bucket):
                    self._revert_key(bucket, name)
                uploads = self._backend.buckets[bucket].multiparts
                if part:
                    self._uploads.forget(bucket, uploads, part)
                self._uploads.load(bucket, uploads)
                begun -= {path for name in names for path in _files(found, name)}
        for path in begun:
            path.unlink(missing_ok=True)

    def _revert_key(self, bucket: str, name: str) -> None:
        row = self._database.execute(
            "SELECT state FROM keys WHERE bucket = ? AND name = ?", (bucket, name)
        ).fetchone()
        if row:
            self._load_key(bucket, name, row[0])
        else:
            dict.pop(self._backend.buckets[bucket].keys, name, None)

    def _load_bucket(self, name: str, state: bytes, bucket: Any = None) -> None:
        if bucket is None:
            bucket = object.__new__(_BUCKET)
            vars(bucket).update(keys=_VersionedKeyStore(), multiparts=MultipartDict())
        fields, tags = pickle.loads(state)
        vars(bucket).update(fields)
        self._backend.buckets[name] = bucket
        s3_backends.bucket_accounts[name] = (bucket.partition, self._account)
        self._tag(tags)

    def _load_key(self, bucket: str, name: str, state: bytes) -> None:
        versions, tags = pickle.loads(state)
        dict.__setitem__(self._backend.buckets[bucket].keys, name, versions)
        self._tag(tags)

    def _stored(self, bucket: str) -> set[str]:
        rows = self._database.execute("SELECT name FROM keys WHERE bucket = ?", (bucket,))
        return {name for (name,) in rows}

    def _save_bucket(self, bucket: Any) -> None:
        fields = {n: value for n, value in vars(bucket).items() if n not in _NOT_KEPT}
        state = pickle.dumps((fields, self._tags([bucket])))
        self._database.execute(
            "INSERT INTO buckets VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state",
            (bucket.name, state),
        )

    def _save_key(self, bucket: str, name: str, versions: list[Any]) -> set[str]:
        """Returns the names of the files that the key held before and holds no more."""
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
                (bucket, name, pickle.dumps((versions, self._tags(keys))), json.dumps([*files])),
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


def _files(bucket: Any, name: str) -> set[Path]:
    """Where the content of all versions of a key lies."""
    return _paths(bucket.keys.getlist(name) or []) if bucket else set()


def _paths(versions: Iterable[Any]) -> set[Path]:
    contents: list[Any] = [each._value_buffer for each in versions if isinstance(each, FakeKey)]
    return {content.path for content in contents if content.path}
