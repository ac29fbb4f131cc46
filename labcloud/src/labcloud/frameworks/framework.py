"""What labcloud must know of a framework image: its tags, what AWS has in it, and what runs here.

The server reads it, so it imports no framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labcloud.algorithms.algorithm import Image

_CONTEXTS = Path(__file__).parent / "contexts"


@dataclass(frozen=True)
class Framework:
    """A framework image.

    `contents` says by version (the tag without `-cpu-py3`) what AWS has in it, as far as AWS has
    published it; `packages` are the packages whose versions a user should compare.
    """

    name: str
    image: Image
    folder: str
    contents: Mapping[str, str]
    packages: tuple[str, ...]
    shown: str

    @property
    def context(self) -> Path:
        """The folder with its Dockerfile."""
        return _CONTEXTS / self.folder

    def contents_of(self, tag: str) -> str:
        """What is in AWS's image with this tag; the version that the tag names at least."""
        version = tag.removesuffix("-cpu-py3")
        return self.contents.get(version, f"{self.packages[0]} {version.partition('-')[0]}")
