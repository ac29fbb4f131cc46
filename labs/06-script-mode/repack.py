"""Puts a folder of scripts into the artifact of a training job: containers look for them there."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path

from labhelpers import download, upload
from labhelpers.lab import Lab

# Below /opt/ml/model, where the artifact is unpacked.
CODE = "code"


def with_code(lab: Lab, artifact: str, source: str | Path, uri: str) -> str:
    """Copies an artifact to `uri` with the files of a folder in it, and returns the new URI.

    Raises StorageError.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = download(lab, artifact, Path(folder) / "artifact.tar.gz")
        model = Path(folder) / "model"
        with tarfile.open(archive) as opened:
            opened.extractall(model, filter="data")
        packed = Path(folder) / "model.tar.gz"
        with tarfile.open(packed, "w:gz") as opened:
            opened.add(model, arcname=".", filter=_without_code)
            opened.add(source, arcname=CODE, filter=_without_caches)
        return upload(lab, packed, uri)


def _without_code(found: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if Path(found.name).parts[:1] == (CODE,) else found


def _without_caches(found: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in found.name else found
