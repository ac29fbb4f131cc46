"""ECR's repositories, images and layers on the disk, so that pushed images survive.

moto holds repositories in memory. All that it knows about them is one file, the pickle of its own
objects, which every change replaces; each layer is a file named by its digest.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from moto.ecr.models import ecr_backends

from labcloud.aws.pickles import dumps, loads
from labcloud.containers.image_uris import parse
from labcloud.state.format import reading
from labcloud.state.paths import make_private, write_private

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# The attributes of a backend (one a region) that are kept. Unfinished uploads are not.
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
        make_private(self._layers)

    def load(self) -> None:
        """Gives moto what the last life left, or the last `save`. Raises StateUnreadable."""
        backends: Any = ecr_backends[self._account]
        with reading(self._state):
            saved = loads(self._state.read_bytes()) if self._state.exists() else {}
            for region in {*backends, *saved}:
                if region in saved:
                    vars(backends[region]).update(saved[region])
                else:
                    backends[region].reset()
                for repository in backends[region].repositories.values():
                    repository.uploads = {}

    def save(self) -> None:
        """Writes down what moto holds; on the disk when this returns. Raises OSError."""
        backends: Any = ecr_backends[self._account]
        saved = {
            region: {name: vars(backend)[name] for name in _KEPT}
            for region, backend in backends.items()
        }
        uploads = _taken_off(saved)
        try:
            write_private(self._state, dumps(saved))
        finally:
            for repository, begun in uploads:
                repository.uploads = begun
        used = self.file_names()
        for path in self._layers.iterdir():
            if path.name not in used:
                path.unlink(missing_ok=True)

    def file_names(self) -> set[str]:
        """The names that the layers of all repositories have on the disk."""
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
        write_private(path, content)
        return path

    def layer_file(self, digest: str) -> Path | None:
        """The file of a stored layer."""
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


def _taken_off(saved: dict[str, dict[str, Any]]) -> list[tuple[Any, dict[str, Any]]]:
    """Takes the unfinished uploads away from all repositories; returns where they belong."""
    found = []
    for state in saved.values():
        for repository in state["repositories"].values():
            found.append((repository, repository.uploads))
            repository.uploads = {}
    return found


def _file_name(digest: str) -> str:
    return digest.replace(":", "-")
