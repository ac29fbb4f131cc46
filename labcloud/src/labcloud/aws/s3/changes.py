"""What a request does to moto's S3, noted where moto does it.

A request can be spelled in many ways, and moto reads each in its own way. So what has to be written
down is not guessed from the request again: moto's own containers note which buckets, keys and
uploads were used while a request was answered. moto changes keys in place, too, so a key that was
only read counts as changed; it is written down as it was.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from moto.s3.exceptions import NoSuchUpload
from moto.s3.models import FakeMultipart, MultipartDict
from moto.s3.utils import _VersionedKeyStore

from labcloud.aws.s3.names import Names


class Part(NamedTuple):
    """One part of an upload."""

    upload: str
    number: int


class Changes:
    """What one request has used, and whether it has added or taken away anything."""

    def __init__(self) -> None:
        self.made = False
        self.buckets: set[str] = set()
        self._keys: set[tuple[str, str]] = set()
        self.begun: set[tuple[str, str]] = set()
        self.ended: set[tuple[str, str]] = set()
        # With moto's object for each.
        self.parts: dict[Part, Any] = {}

    @classmethod
    def of(cls, bucket: str, key: str) -> Changes:
        """Those of a request that is about one key."""
        changes = cls()
        changes.use(bucket, key)
        return changes

    def use(self, bucket: str, key: str) -> None:
        self.buckets.add(bucket)
        self._keys.add((bucket, key))

    def keys(self, bucket: str) -> set[str]:
        return {key for name, key in self._keys if name == bucket}

    def uploads(self, bucket: str, which: set[tuple[str, str]]) -> set[str]:
        """The uploads of a bucket, of those that were begun or ended."""
        return {upload for name, upload in which if name == bucket}


class _Noted(threading.local):
    changes: Changes | None = None


_noted = _Noted()


@contextlib.contextmanager
def noted(changes: Changes) -> Iterator[None]:
    """Notes what this thread does to S3 within the block."""
    _noted.changes = changes
    try:
        yield
    finally:
        _noted.changes = None


class Buckets(dict[str, Any]):
    """moto's buckets by name. A bucket's keys and uploads learn its name here."""

    def __getitem__(self, name: str) -> Any:
        if changes := _noted.changes:
            changes.buckets.add(name)
        return super().__getitem__(name)

    def __setitem__(self, name: str, bucket: Any) -> None:
        bucket.keys.bucket = bucket.multiparts.bucket = name
        if changes := _noted.changes:
            changes.buckets.add(name)
            changes.made = True
        super().__setitem__(name, bucket)

    def pop(self, name: str, *default: Any) -> Any:
        if changes := _noted.changes:
            changes.buckets.add(name)
            changes.made = True
        return super().pop(name, *default)


class Keys(_VersionedKeyStore):
    """The keys of a bucket, each with its versions. moto reads them through __sgetitem__."""

    bucket = ""

    def __init__(self) -> None:
        super().__init__()
        self.names = Names()

    def fill(self, versions: Mapping[str, list[Any]]) -> None:
        """Puts in what the disk has, which is no change. Blocking for long where there is much."""
        for key, found in versions.items():
            dict.__setitem__(self, key, found)
        self.names.fill(self)

    def restore(self, key: str, versions: list[Any] | None) -> None:
        """Makes the versions of a key what the disk has; None: it has none."""
        if versions is None:
            dict.pop(self, key, None)
            self.names.discard(key)
        else:
            dict.__setitem__(self, key, versions)
            self.names.add(key)

    def __sgetitem__(self, key: str) -> list[Any]:
        if changes := _noted.changes:
            changes.use(self.bucket, key)
        return super().__sgetitem__(key)

    def __setitem__(self, key: str, version: Any) -> None:
        self._change(key)
        super().__setitem__(key, version)
        self.names.add(key)

    def setlist(self, key: str, versions: Any) -> None:
        self._change(key)
        super().setlist(key, versions)
        self.names.add(key)

    def pop(self, key: str) -> None:  # type: ignore[override]
        self._change(key)
        super().pop(key)
        self.names.discard(key)

    def _change(self, key: str) -> None:
        if changes := _noted.changes:
            changes.use(self.bucket, key)
            changes.made = True


class Uploads(MultipartDict):
    """The uploads of a bucket that are neither complete nor aborted."""

    bucket = ""

    def __missing__(self, upload: str) -> Any:
        raise NoSuchUpload(upload_id=upload)

    def __setitem__(self, upload: str, found: Any) -> None:
        if changes := _noted.changes:
            changes.begun.add((self.bucket, upload))
            changes.made = True
        super().__setitem__(upload, found)

    def __delitem__(self, upload: str) -> None:
        # Two requests may end it at once: the second finds nothing.
        found = dict.pop(self, upload, None)
        if found is None:
            raise NoSuchUpload(upload_id=upload)
        if changes := _noted.changes:
            changes.ended.add((self.bucket, upload))
            changes.made = True
        found.dispose()


def set_part(
    upload: Any, number: int, content: Any, _set_part: Any = FakeMultipart.set_part
) -> Any:
    """moto's FakeMultipart.set_part."""
    part = _set_part(upload, number, content)
    if changes := _noted.changes:
        changes.parts[Part(upload.id, number)] = part
        changes.made = True
    return part


def dispose(upload: Any) -> None:
    """moto's FakeMultipart.dispose, while another request may add a part."""
    for part in list(upload.parts.values()):
        part.dispose()
