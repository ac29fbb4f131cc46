"""The objects of S3 for the jobs, which run in the same process: no HTTP in between.

S3 itself is moto's, mounted in this process. All calls may block: run them in a thread.
"""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeDeleteMarker, s3_backends

from labcloud.aws.s3.changes import Changes
from labcloud.aws.s3.contents import MovedFile
from labcloud.aws.s3.uris import LONGEST_KEY, Location
from labcloud.aws.s3.vault import Vault


class ObjectStoreError(Exception):
    """An object or bucket that a job named is not there; the message is for its FailureReason."""


class Stored(NamedTuple):
    """What a bucket holds: objects, and their bytes."""

    objects: int
    size: int


class Objects:
    """The object store of one account."""

    def __init__(self, account: str, vault: Vault) -> None:
        self._backend: Any = s3_backends[account]["aws"]
        self._vault = vault

    def keys(self, prefix: Location) -> list[str]:
        """The keys below a prefix, sorted. Folder markers (keys that end in /) are left out.

        A bucket that does not exist has none.
        """
        return [key.name for key in self._walk(prefix) if not key.name.endswith("/")]

    def region(self, location: Location) -> str | None:
        """That of the bucket; None where there is no such bucket."""
        try:
            return str(self._backend.get_bucket(location.bucket).region_name)
        except S3ClientError:
            return None

    def exists(self, prefix: Location) -> bool:
        return any(True for _ in self._walk(prefix))

    def has(self, location: Location) -> bool:
        """Whether there is an object of this very key."""
        try:
            self._get(location)
        except ObjectStoreError:
            return False
        return True

    def download(self, location: Location, path: Path) -> None:
        """Copies one object to a file. Raises ObjectStoreError."""
        with self.open(location) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)

    def open(self, location: Location, version: str | None = None) -> BinaryIO:
        """One object's content as it is now, whatever becomes of it. Raises ObjectStoreError."""
        with self._vault.held():
            path = self._get(location, version)._value_buffer.path
            return path.open("rb") if path else io.BytesIO()

    def size(self, location: Location) -> int:
        """In bytes. Raises ObjectStoreError."""
        size: int = self._get(location).size
        return size

    def stored(self) -> dict[str, Stored]:
        """How many objects are in each bucket, and what they take; of each key the newest."""
        found = {}
        for name in list(self._backend.buckets):
            sizes = [key.size for key in self._walk(Location(name, ""))]
            found[name] = Stored(len(sizes), sum(sizes))
        return found

    def upload(self, path: Path, location: Location) -> None:
        """Makes a file one object; the file is gone then. Raises ObjectStoreError, OSError."""
        _check_key(location)
        try:
            self._backend.put_object(location.bucket, location.key, MovedFile(path))
        except S3ClientError as error:
            raise ObjectStoreError(f"{error.message} ({location})") from error
        changes = Changes.of(location.bucket, location.key)
        try:
            self._vault.save(changes)
        except (OSError, sqlite3.Error):
            self._vault.revert(changes)
            raise

    def _get(self, location: Location, version: str | None = None) -> Any:
        try:
            found = self._backend.get_object(location.bucket, location.key, version)
        except S3ClientError as error:
            raise ObjectStoreError(f"{error.message} ({location})") from error
        if found is None or isinstance(found, FakeDeleteMarker):
            raise ObjectStoreError(f"The specified key does not exist. ({location})")
        return found

    def _walk(self, prefix: Location) -> Iterator[Any]:
        try:
            bucket = self._backend.get_bucket(prefix.bucket)
        except S3ClientError:
            return
        for name, _ in bucket.keys.names.walk(prefix.key):
            key = bucket.keys.get(name)
            if key and not isinstance(key, FakeDeleteMarker):
                yield key


def _check_key(location: Location) -> None:
    """Raises ObjectStoreError for a key that S3 would not take: jobs make keys of file names."""
    shown = str(location).encode(errors="backslashreplace").decode()
    try:
        size = len(location.key.encode())
    except UnicodeEncodeError as error:
        raise ObjectStoreError(f"A key must be text in UTF-8 ({shown})") from error
    if size > LONGEST_KEY:
        raise ObjectStoreError(f"Your key is too long ({shown})")
