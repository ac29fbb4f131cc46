"""The end of an upload in parts, as moto computes it, but without the parts passing through memory.

moto calls `complete` as a method of its FakeMultipart (see moto_patches.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import moto.s3.models
from moto import settings
from moto.s3 import exceptions

from labcloud.aws.s3.contents import JoinedFiles

# A checksum of the whole object needs its content in memory: computed up to this size (bytes).
_CHECKED_WHOLE = 64 * 1024**2


def complete(
    upload: Any, named: Iterable[tuple[int, str]]
) -> tuple[JoinedFiles, str, tuple[str, str, int] | None]:
    """The object that an upload results in: content, ETag, checksum. Raises S3's errors.

    `named` are the parts as the request lists them: number and ETag.
    """
    parts = [_part(upload, number, etag) for number, etag in named]
    if not parts:
        raise exceptions.MalformedXML
    if any(part.contentsize < settings.S3_UPLOAD_PART_MIN_SIZE for part in parts[:-1]):
        raise exceptions.EntityTooSmall
    digests = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
    paths = [part._value_buffer.path for part in parts if part._value_buffer.path]
    return JoinedFiles(paths), etag, _checksum(upload, parts)


def _part(upload: Any, number: int, etag: str) -> Any:
    part = upload.parts.get(number)
    if part is None or part.etag.strip('"') != etag.strip('"'):
        raise exceptions.InvalidPart
    return part


def _checksum(upload: Any, parts: list[Any]) -> tuple[str, str, int] | None:
    """From the parts' checksums, or from the whole content unless that is large."""
    builder = moto.s3.models.MultipartChecksumBuilder(
        upload.metadata.get("x-amz-checksum-algorithm"),
        upload.metadata.get("x-amz-checksum-type"),
    )
    if builder.checksum_type != "COMPOSITE" and sum(p.contentsize for p in parts) > _CHECKED_WHOLE:
        return None
    for part in parts:
        builder.addPart(bytes(part.value))
    found: tuple[str, str, int] | None = builder.build()
    return found
