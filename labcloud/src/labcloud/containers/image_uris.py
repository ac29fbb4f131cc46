"""The parts of an image's URI in Amazon ECR."""

from __future__ import annotations

import re
from dataclasses import dataclass

_URI = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(-fips)?"
    r"\.(?P<region>[a-z0-9-]+)\.(?P<suffix>amazonaws\.com(\.cn)?)"
    r"/(?P<repository>[a-z0-9][a-z0-9._/-]*)(:(?P<tag>[\w.-]+)|@(?P<digest>sha256:[0-9a-f]{64}))?"
)


@dataclass(frozen=True)
class ImageUri:
    """The parts of an image URI in Amazon ECR; it has a tag or a digest, or neither."""

    account: str
    region: str
    # Of the host's name, after the region.
    suffix: str
    repository: str
    tag: str | None
    digest: str | None


def suffix_of(region: str) -> str:
    """What ends the name of a region's hosts."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def parse(image: str) -> ImageUri | None:
    """The parts of an image URI; None if it is not one of Amazon ECR."""
    found = _URI.fullmatch(image)
    return ImageUri(**found.groupdict()) if found else None
