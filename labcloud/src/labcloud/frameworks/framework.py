"""What labcloud must know of a framework image: its tags, what AWS has in it, and what runs here.

The server reads it, so it imports no framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
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
    # Where its Python is, below the root.
    home: str = "miniconda3"
    # What must be importable here for it to run; empty: labcloud's own packages are enough.
    module: str = ""
    # What it serves with that labcloud does not have, in words; it does not run then.
    lacks: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it can run: whether its module is installed beside labcloud."""
        return not self.lacks and (not self.module or bool(find_spec(self.module)))

    @property
    def way_out(self) -> str:
        """Why it does not run here, and what lets its users go on."""
        installs = f"install it beside labcloud (`pip install {self.packages[0]}`), or "
        here = (
            f"{self.module} is not installed here: {installs}"
            if not self.lacks
            else (f"It serves with {self.lacks}, which labcloud does not have: ")
        )
        return (
            f"{here}start Docker and pull the image. labcloud runs what the local Docker daemon "
            "has under this name."
        )

    @property
    def context(self) -> Path:
        """The folder with its Dockerfile."""
        return _CONTEXTS / self.folder

    def contents_of(self, tag: str) -> str:
        """What is in AWS's image with this tag; the version that the tag names at least."""
        version = tag.removesuffix("-cpu-py3")
        return self.contents.get(version, f"{self.packages[0]} {version.partition('-')[0]}")
