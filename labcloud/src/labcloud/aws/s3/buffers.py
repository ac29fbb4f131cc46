"""The content of S3 objects on disk, where moto would keep it in memory.

moto stores what an object holds in a SpooledTemporaryFile and pickles the content with the key.
Here it goes to a file of its own, synced before moto goes on; the key remembers the path.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import threading
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import moto.s3.models
from moto import settings
from moto.s3 import exceptions

from labcloud.aws.s3.contents import LARGE, Content, Held

# S3's own checksum is of the whole object; up to this size (bytes) it is worth the memory.
_CHECKED_WHOLE = 64 * 1024**2


class DiskBuffer:
    """One object's content: a file that is never changed, only replaced by another.

    No descriptor stays open between calls, so that there may be more objects than descriptors.
    """

    folder = Path(".")

    def __init__(self, max_size: int = 0) -> None:
        self.path: Path | None = None
        # Kept ones belong to the vault, which knows when nobody needs them any more.
        self.kept = False
        self._position = 0

    def write(self, data: bytes | Content | Held) -> int:
        """The whole content at once; it is on the disk when this returns. Raises OSError."""
        name = secrets.token_hex(16)
        folder = self.folder / name[:2]
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        try:
            if isinstance(data, (Content, Held)):
                data.write_to(path)
            else:
                with path.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
            _sync(folder)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self.close()
        self.path, self.kept, self._position = path, False, len(data)
        return len(data)

    def seek(self, position: int, whence: int = 0) -> int:
        assert whence == 0, "moto seeks from the start only"
        self._position = position
        return position

    def truncate(self) -> None:
        """Nothing to do: the next write makes a new file."""

    def content(self) -> bytes | Held:
        """The whole of it."""
        if self.path is None:
            return b""
        return Held.of(self.path) if self.path.stat().st_size >= LARGE else self.path.read_bytes()

    def read(self, size: int = -1) -> bytes:
        if self.path is None:
            return b""
        with self.path.open("rb") as file:
            file.seek(self._position)
            data = file.read(size)
        self._position += len(data)
        return data

    def close(self) -> None:
        """Called by moto when the key goes: parts of an upload and the like leave no file."""
        if self.path and not self.kept:
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
            self.path = None

    def __getstate__(self) -> dict[str, Any]:
        # A copy, or what a pickle holds, looks at the same file and never deletes it.
        return {**vars(self), "kept": True, "_position": 0}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def _sync(folder: Path) -> None:
    """A new name in a folder is on the disk when the folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def install(folder: Path) -> None:
    """From now on moto keeps the content of objects in files below `folder`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    DiskBuffer.folder = folder
    models: Any = moto.s3.models
    models.tempfile = SimpleNamespace(SpooledTemporaryFile=DiskBuffer)
    models.FakeKey.__getstate__ = _key_state
    models.FakeKey.__setstate__ = _set_key_state
    models.FakeKey.value = property(_value, models.FakeKey.value.fset)
    models.FakeMultipart.complete = _complete


def _key_state(key: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(key).items() if name != "lock"}


def _set_key_state(key: Any, state: dict[str, Any]) -> None:
    vars(key).update(state, lock=threading.Lock())


def _value(key: Any) -> bytes | Held:
    with key.lock:
        content: bytes | Held = key._value_buffer.content()
    return content


def _complete(
    upload: Any, named: Iterable[tuple[int, str]]
) -> tuple[Content, str, tuple[str, str, int] | None]:
    """What an upload in parts comes to: content, ETag, checksum. As moto does it, but on the disk.

    Raises S3's errors.
    """
    parts = [_part(upload, number, etag) for number, etag in named]
    if not parts:
        raise exceptions.MalformedXML
    if any(part.contentsize < settings.S3_UPLOAD_PART_MIN_SIZE for part in parts[:-1]):
        raise exceptions.EntityTooSmall
    digests = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
    paths = [part._value_buffer.path for part in parts if part._value_buffer.path]
    return Content(paths), etag, _checksum(upload, parts)


def _part(upload: Any, number: int, etag: str) -> Any:
    part = upload.parts.get(number)
    if part is None or part.etag.strip('"') != etag.strip('"'):
        raise exceptions.InvalidPart
    return part


def _checksum(upload: Any, parts: list[Any]) -> tuple[str, str, int] | None:
    """Of the parts' checksums; that of a large whole is left out, as if nobody had asked for it."""
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
