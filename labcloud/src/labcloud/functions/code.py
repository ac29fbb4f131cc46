"""A function's code: an archive that nobody vouches for, unpacked into a folder of its own."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import lzma
import os
import secrets
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from labcloud.aws.s3.objects import Objects, ObjectStoreError
from labcloud.aws.s3.uris import Location
from labcloud.functions.asked import FunctionError
from labcloud.functions.errors import invalid
from labcloud.state import trees
from labcloud.state.paths import inside, make_private

# AWS's quotas (bytes): an archive that is in the request, one in S3, and what it unpacks to.
LARGEST_UPLOAD = 50 * 1024**2
LARGEST_UNPACKED = 250 * 1024**2
_MEMBERS = 200_000
# What the list of its members may have (bytes): in memory, it takes some times as much.
_DIRECTORY = 32 * 1024**2
_PART = 1024**2
# The end record of a zip, and that of Zip64 (bytes).
_END, _END_64 = 22, 56
# Errors of the system that come of what an archive has in it.
_OF_THE_ARCHIVE = (
    None, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL,
    errno.EILSEQ, errno.ELOOP,
)  # fmt: skip

_NOT_A_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."
_TOO_LARGE = f"Unzipped size must be smaller than {LARGEST_UNPACKED} bytes"


@dataclass(frozen=True)
class Code:
    """An archive's content in a folder, its size (bytes) and its hash, as AWS says it."""

    folder: str
    size: int
    sha256: str


def unpacked(folder: Path, objects: Objects, region: str, source: dict[str, Any]) -> Code:
    """Unpacks the archive that a request gives, into a new folder below `folder`. Blocking.

    `source` has ZipFile, or S3Bucket, S3Key and perhaps S3ObjectVersion. Raises FunctionError,
    OSError; nothing is left then.
    """
    _check_source(source)
    make_private(folder)
    name = secrets.token_hex(16)
    target = folder / name
    with _opened(objects, region, source) as archive:
        _check_end(archive)
        try:
            target.mkdir(mode=0o700)
            _unpack(archive, target)
            archive.seek(0)
            digest, size = hashlib.sha256(), 0
            while part := archive.read(_PART):
                digest.update(part)
                size += len(part)
        except BaseException:
            trees.remove(target)
            raise
    return Code(name, size, base64.b64encode(digest.digest()).decode())


def _check_source(source: dict[str, Any]) -> None:
    in_s3 = any(name in source for name in ("S3Bucket", "S3Key", "S3ObjectVersion"))
    if "ZipFile" in source and in_s3:
        raise invalid(
            "Please do not provide other FunctionCode parameters when providing a ZipFile."
        )
    if "ZipFile" not in source and not ("S3Bucket" in source and "S3Key" in source):
        raise invalid("Please provide a source for function code.")
    if "ZipFile" in source and not source["ZipFile"]:
        raise invalid("Uploaded file must be a non-empty zip")
    if len(source.get("ZipFile", b"")) > LARGEST_UPLOAD:
        raise FunctionError(
            "RequestEntityTooLargeException",
            f"The archive has {len(source['ZipFile'])} bytes, and {LARGEST_UPLOAD} are allowed in "
            "a request. Larger ones come from S3.",
            413,
        )


def _opened(objects: Objects, region: str, source: dict[str, Any]) -> BinaryIO:
    if "ZipFile" in source:
        return io.BytesIO(source["ZipFile"])
    place = Location(source["S3Bucket"], source["S3Key"])
    found = objects.region(place)
    if found is None:
        raise _of_s3("NoSuchBucket", "The specified bucket does not exist")
    if found != region:
        said = f"The bucket is in this region: {found}. Please use this region to retry the request"
        raise _of_s3("PermanentRedirect", said)
    try:
        return objects.open(place, source.get("S3ObjectVersion"))
    except ObjectStoreError as error:
        if "S3ObjectVersion" in source:
            raise _of_s3("NoSuchVersion", "The specified version does not exist.") from error
        raise _of_s3("NoSuchKey", "The specified key does not exist.") from error


def _of_s3(code: str, message: str) -> FunctionError:
    return invalid(
        f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
    )


def _check_end(archive: BinaryIO) -> None:
    """Looks at its size and the end record, before its directory is read into memory.

    Raises FunctionError for one that is too large, or has too many members or none that is found.
    """
    size = archive.seek(0, os.SEEK_END)
    if size > LARGEST_UNPACKED:
        raise invalid(_TOO_LARGE)
    start = max(0, size - _END - 2**16)
    archive.seek(start)
    last = archive.read()
    archive.seek(0)
    at = last.rfind(b"PK\5\6")
    if at < 0 or len(last) - at < _END:
        raise invalid(_NOT_A_ZIP)
    # zipfile reads as many bytes as the directory has, however many members the record says.
    members, directory = struct.unpack("<HI", last[at + 10 : at + 16])
    if directory == 2**32 - 1 or b"PK\6\7" in last[max(0, at - 20) : at]:
        # Numbers of 64 bits (Zip64), which an archive of this size needs for its members only.
        found = last.rfind(b"PK\6\6", 0, at)
        if found < 0 or at - found < _END_64:
            raise invalid(_NOT_A_ZIP)
        members, directory = struct.unpack("<QQ", last[found + 32 : found + 48])
    if members > _MEMBERS or directory > _DIRECTORY:
        raise invalid(_NOT_A_ZIP)


def _unpack(archive: BinaryIO, target: Path) -> None:
    """Raises FunctionError for what is no archive, leaves the folder, or is too large."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            # What it says of itself is enough to refuse it, and not enough to believe it.
            if sum(each.file_size for each in members) >= LARGEST_UNPACKED:
                raise invalid(_TOO_LARGE)
            if not members:
                raise invalid("Uploaded file must be a non-empty zip")
            if len(members) > _MEMBERS:
                raise invalid(_NOT_A_ZIP)
            left = LARGEST_UNPACKED
            for member in members:
                left -= _unpack_member(opened, member, target, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise invalid(_NOT_A_ZIP) from error
    except (RuntimeError, lzma.LZMAError) as error:
        # It is encrypted, or damaged.
        raise invalid(_NOT_A_ZIP) from error
    except OSError as error:
        # It has a file where it has a folder, or a name that no file can have. bz2 says that it is
        # damaged without a number.
        if error.errno not in _OF_THE_ARCHIVE:
            raise
        raise invalid(_NOT_A_ZIP) from error


def _unpack_member(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int
) -> int:
    """How many bytes there were."""
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        said = f"labcloud does not unpack {member.filename[:200]!r}: it is a link or a device"
        raise invalid(said)
    name = member.filename.removeprefix("./").rstrip("/")
    if not name:
        return 0
    path = inside(target, name)
    if member.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return 0
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    size = 0
    with opened.open(member) as source, path.open("xb") as file:
        while part := source.read(_PART):
            size += len(part)
            if size > left:
                raise invalid(_TOO_LARGE)
            file.write(part)
    path.chmod(0o700 if mode & 0o111 else 0o600)
    return size
