"""What an image is called where it is pushed."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = re.compile(
    r"(?:(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/)?"
    r"(?P<repository>[^:@]+)(?::(?P<tag>\w[\w.-]{0,127}))?",
    re.ASCII,
)


class ImageName(NamedTuple):
    """What an image is called in ECR. `registry` is the account and region in a whole URI."""

    repository: str
    tag: str = "latest"
    registry: tuple[str, str] | None = None

    @classmethod
    def parse(cls, text: str) -> ImageName:
        """Reads NAME, NAME:TAG, or the same behind a registry of ECR's. Raises ValueError."""
        found = _NAME.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no name of an image: write NAME or NAME:TAG")
        registry = (found["account"], found["region"]) if found["account"] else None
        return cls(found["repository"], found["tag"] or "latest", registry)
