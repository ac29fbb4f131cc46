"""The lists of a bucket's keys and versions, a page at a time.

moto's own look at every key of the bucket for each page, and its tokens are forgotten at a restart.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator
from itertools import islice
from typing import Any

from moto.s3.exceptions import MethodNotAllowed
from moto.s3.models import FakeDeleteMarker, FakeTableStorageBucket

from labcloud.gateway.refusals import Refused

# S3 lists no more on one page, whatever is asked for.
_LARGEST_PAGE = 1000


def list_objects(
    backend: Any,
    bucket: Any,
    prefix: str | None,
    delimiter: str | None,
    marker: str | None,
    max_keys: int | None,
) -> tuple[list[Any], list[str], bool, str | None]:
    """moto's S3Backend.list_objects: keys, folders, whether more follow, and the next marker."""
    page, more = _page(bucket, prefix, delimiter, marker or "", max_keys)
    keys = [item for item in page if not isinstance(item, str)]
    folders = [item for item in page if isinstance(item, str)]
    return keys, folders, more, _name(page[-1]) if more else None


def list_objects_v2(
    backend: Any,
    bucket: Any,
    prefix: str | None,
    delimiter: str | None,
    continuation_token: str | None,
    start_after: str | None,
    max_keys: int,
) -> tuple[list[Any], bool, str | None]:
    """moto's S3Backend.list_objects_v2: keys and folders, whether more follow, the next token."""
    after = _read(continuation_token) if continuation_token else start_after or ""
    page, more = _page(bucket, prefix, delimiter, after, max_keys)
    return page, more, _token(_name(page[-1])) if more else None


def list_object_versions(
    backend: Any,
    bucket_name: str,
    delimiter: str | None = None,
    key_marker: str | None = None,
    max_keys: int | None = _LARGEST_PAGE,
    prefix: str = "",
    version_id_marker: str | None = None,
) -> tuple[list[Any], list[str], list[Any], str | None, str | None]:
    """moto's S3Backend.list_object_versions.

    Versions, folders, delete markers, and where the next page begins: key and version.
    """
    bucket = backend.get_bucket(bucket_name)
    found = _versions(bucket.keys, prefix, delimiter or "", key_marker or "", version_id_marker)
    page, more = _cut(found, max_keys)
    markers = [item for item in page if isinstance(item, FakeDeleteMarker)]
    folders = [item for item in page if isinstance(item, str)]
    versions = [item for item in page if not isinstance(item, (str, FakeDeleteMarker))]
    last = page[-1] if more else None
    version = None if last is None or isinstance(last, str) else _version_id(last)
    return versions, folders, markers, _name(last) if more else None, version


def _page(
    bucket: Any, prefix: str | None, delimiter: str | None, after: str, max_keys: int | None
) -> tuple[list[Any], bool]:
    """Keys, and folders as texts, in order; and whether more follow."""
    if isinstance(bucket, FakeTableStorageBucket):
        raise MethodNotAllowed()
    keys = bucket.keys

    def is_there(name: str) -> bool:
        # Another request may be deleting it.
        return not isinstance(keys.get(name), (FakeDeleteMarker, type(None)))

    walk = keys.names.walk(prefix or "", delimiter or "", after, is_there)
    items = (name if is_folder else keys.get(name) for name, is_folder in walk)
    return _cut((item for item in items if item is not None), max_keys)


def _versions(
    keys: Any, prefix: str, delimiter: str, key_marker: str, version_marker: str | None
) -> Iterator[Any]:
    """Versions from the newest to the oldest of each key, and folders as texts."""
    if version_marker and key_marker.startswith(prefix):
        older = iter(_of_one(keys, key_marker))
        if any(_version_id(version) == version_marker for version in older):
            yield from older
    for name, is_folder in keys.names.walk(prefix, delimiter, key_marker):
        if is_folder:
            yield name
        else:
            yield from _of_one(keys, name)


def _of_one(keys: Any, name: str) -> list[Any]:
    found = [copy.copy(version) for version in reversed(keys.getlist(name) or [])]
    for version in found:
        version.is_latest = version is found[0]
    return found


def _cut(items: Iterator[Any], max_keys: int | None) -> tuple[list[Any], bool]:
    """The items of one page; and whether more follow."""
    size = min(max_keys if max_keys is not None else _LARGEST_PAGE, _LARGEST_PAGE)
    page = list(islice(items, size + 1))
    return page[:size], len(page) > size > 0


def _name(item: Any) -> str:
    return item if isinstance(item, str) else str(item.name)


def _version_id(version: Any) -> str:
    # A key from before versioning has none.
    return str(version.version_id or "null")


def _token(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _read(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise Refused("InvalidArgument", "The continuation token provided is incorrect") from error
