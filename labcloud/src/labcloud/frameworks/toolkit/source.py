"""Brings the user's source to where it is run from."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from labcloud.frameworks.toolkit import paths


def bring(uri: str, folder: Path) -> None:
    """Fills a folder, unless it has something in it, with a source: an archive in S3 or on disk, a
    folder, or a file.

    Raises OSError, tarfile.TarError, botocore's ClientError.
    """
    uri = paths.here(uri)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        return
    if uri.startswith("s3://"):
        with tempfile.TemporaryDirectory() as temporary:
            archive = Path(temporary) / "sourcedir.tar.gz"
            _download(uri, archive)
            _unpack(archive, folder)
    elif os.path.isdir(uri):
        shutil.copytree(uri, folder, dirs_exist_ok=True)
    elif tarfile.is_tarfile(uri):
        _unpack(Path(uri), folder)
    else:
        shutil.copy2(uri, folder)


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive, mode="r:gz") as opened:
        # What would lie outside the folder is refused; AWS's toolkit would write it.
        opened.extractall(folder, filter="data")


def _download(uri: str, target: Path) -> None:
    # Takes a second to load, and most jobs have their source in S3 only.
    import botocore.session

    where = urlsplit(uri)
    client = botocore.session.get_session().create_client("s3")
    found = client.get_object(Bucket=where.netloc, Key=where.path.lstrip("/"))
    with target.open("wb") as file:
        shutil.copyfileobj(found["Body"], file)
