"""A build context: the folder that `docker build` gets, as one archive.

The same folder makes the same archive, byte for byte.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

from labhelpers.errors import ImageError

# A larger build context is a mistake, and labcloud has a limit.
_LARGEST = 100 * 1024**2


def context_archive(folder: Path) -> bytes:
    """A folder as .tar.gz, without what its .dockerignore excludes. Raises ImageError."""
    # How Docker itself reads .dockerignore. The package is installed where labcloud is.
    from docker.utils import exclude_paths

    ignored = folder / ".dockerignore"
    lines = ignored.read_text().splitlines() if ignored.is_file() else []
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted({*exclude_paths(str(folder), patterns), "Dockerfile"}):
            tar.add(folder / name, name, recursive=False, filter=_anonymous)
            if content.tell() > _LARGEST:
                raise ImageError(
                    f"{folder} holds more than {_LARGEST // 1024**2} MB: name what the image does "
                    "not need in .dockerignore"
                )
    return gzip.compress(content.getvalue(), compresslevel=6, mtime=0)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Removes what differs from one machine to the next."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.mode & 0o111 else 0o644
    return member
