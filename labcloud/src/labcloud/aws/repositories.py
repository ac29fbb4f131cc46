"""ECR's repositories, images and layers on the disk, so that what was pushed survives.

moto holds repositories in memory. All that it knows of them is one file, the pickle of its own
objects, replaced at each change; each layer is a file named by its digest.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import re
import tempfile
from pathlib import Path
from typing import Any

from moto.ecr.models import Image, ecr_backends

from labcloud.containers.image_uris import parse

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# What of a backend (one a region) outlives the server. Uploads that are not complete do not.
_KEPT = (
    "repositories",
    "tagger",
    "registry_policy",
    "replication_config",
    "registry_scanning_configuration",
)


class Repositories:
    """The ECR of one account, kept in `folder`. Its calls block."""

    def __init__(self, account: str, folder: Path) -> None:
        self._account = account
        self._state = folder / "ecr.pickle"
        self._layers = folder / "layers"
        self._layers.mkdir(mode=0o700, exist_ok=True)

    def load(self) -> None:
        """Gives moto what the last life left, or the last `save`."""
        backends: Any = ecr_backends[self._account]
        try:
            saved = pickle.loads(self._state.read_bytes())
        except FileNotFoundError:
            saved = {}
        for region in {*backends, *saved}:
            if region in saved:
                vars(backends[region]).update(saved[region])
            else:
                backends[region].reset()
            for repository in backends[region].repositories.values():
                repository.uploads = {}

    def save(self) -> None:
        """Makes the disk say what moto says. On the disk when it returns. Raises OSError."""
        backends: Any = ecr_backends[self._account]
        saved = {
            region: {name: vars(backend)[name] for name in _KEPT}
            for region, backend in backends.items()
        }
        uploads = _taken_off(saved)
        try:
            _replace(self._state, pickle.dumps(saved))
        finally:
            for repository, begun in uploads:
                repository.uploads = begun
        used = self.file_names()
        for path in self._layers.iterdir():
            if path.name not in used:
                path.unlink(missing_ok=True)

    def file_names(self) -> set[str]:
        """The layers of all repositories, as they are named on the disk."""
        backends: Any = ecr_backends[self._account]
        return {
            _file_name(digest)
            for backend in backends.values()
            for repository in backend.repositories.values()
            for digest in repository.layers
        }

    def add_layer(self, digest: str, content: bytes) -> Path:
        """Stores a layer that has been uploaded. Raises OSError."""
        path = self._layers / _file_name(digest)
        _replace(path, content)
        return path

    def layer_file(self, digest: str) -> Path | None:
        """Where a layer lies that has been stored."""
        path = self._layers / _file_name(digest)
        return path if _DIGEST.fullmatch(digest) and path.is_file() else None

    def layer(self, uri: str, media_type: str) -> Path | None:
        """The layer of this type in the image that a URI names; None if it has none."""
        image = self.find(uri)
        for layer in json.loads(image.image_manifest).get("layers", []) if image else []:
            if layer.get("mediaType") == media_type:
                return self.layer_file(layer["digest"])
        return None

    def find(self, uri: str) -> Any | None:
        """moto's image of a URI (by tag, `latest` where there is none, or by digest), or None."""
        repository, named = self.repository(uri), parse(uri)
        if repository is None or named is None:
            return None
        tag = None if named.digest else named.tag or "latest"
        for image in repository.images:
            if tag in image.image_tags or (named.digest and image.image_digest == named.digest):
                return image
        return None

    def repository(self, uri: str) -> Any | None:
        """moto's repository of a URI in this account, or None."""
        named = parse(uri)
        if named is None or named.account != self._account:
            return None
        backends: Any = ecr_backends[self._account]
        return backends[named.region].repositories.get(named.repository)


def size_in_bytes(image: Any) -> int:
    """What an image's configuration and layers take."""
    manifest = json.loads(image.image_manifest)
    parts = [manifest.get("config", {}), *manifest.get("layers", [])]
    return sum(part.get("size", 0) for part in parts)


# moto tells the size of the configuration alone.
setattr(Image, "get_image_size_in_bytes", size_in_bytes)  # noqa: B010  a type checker minds


def _taken_off(saved: dict[str, dict[str, Any]]) -> list[tuple[Any, dict[str, Any]]]:
    """Takes the unfinished uploads off all repositories, and says where they belong."""
    found = []
    for state in saved.values():
        for repository in state["repositories"].values():
            found.append((repository, repository.uploads))
            repository.uploads = {}
    return found


def _file_name(digest: str) -> str:
    return digest.replace(":", "-")


def _replace(path: Path, content: bytes) -> None:
    """Writes a file so that readers, also after a crash, see the old or the new one whole."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
